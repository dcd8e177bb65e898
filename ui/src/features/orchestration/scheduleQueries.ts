// What people do about schedules. After every action they are read again, whether it was taken or refused.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { NewSchedule, Schedule } from "@/api/types";
import { schedulesQuery } from "./queries";
import { switched } from "./schedule";

function useScheduleChange<Input>(act: (input: Input) => Promise<unknown>) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSettled: () => queryClient.invalidateQueries({ queryKey: schedulesQuery.queryKey }),
  });
}

const of = ({ id }: Schedule) => ({ params: { path: { id } } });

export const useAddSchedule = () =>
  useScheduleChange((body: NewSchedule) => call(api.POST("/api/v1/tasks/schedules", { body })));

export const useSwitchSchedule = () =>
  useScheduleChange(({ schedule, on }: { schedule: Schedule; on: boolean }) =>
    call(api.PUT("/api/v1/tasks/schedules/{id}", { ...of(schedule), body: switched(schedule, on) })),
  );

export const useRemoveSchedule = () =>
  useScheduleChange((schedule: Schedule) => call(api.DELETE("/api/v1/tasks/schedules/{id}", of(schedule))));
