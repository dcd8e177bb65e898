// Adds a folder or file on the server as a source.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Plus } from "lucide-react";
import { type FormEvent, useState } from "react";
import { api, call } from "@/api/client";
import { connectionsQuery } from "@/api/queries";
import { Button } from "@/ui/Button";
import { Drawer } from "@/ui/Drawer";
import { Field } from "@/ui/Field";
import { Failure } from "@/ui/States";

export function AddSource({ onAdded }: { onAdded: (name: string) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button small onClick={() => setOpen(true)}>
        <Plus aria-hidden="true" className="size-4" /> Add a source
      </Button>
      {open && <AddSourceForm onAdded={onAdded} onClose={() => setOpen(false)} />}
    </>
  );
}

function AddSourceForm({ onAdded, onClose }: { onAdded: (name: string) => void; onClose: () => void }) {
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [path, setPath] = useState("");
  const add = useMutation({
    mutationFn: () =>
      call(api.POST("/api/v1/connections", { body: { name: name.trim(), config: { path: path.trim() } } })),
    onSuccess: async (connection) => {
      await queryClient.invalidateQueries({ queryKey: connectionsQuery.queryKey });
      onAdded(connection.name);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };

  return (
    <Drawer
      title="Add a source"
      summary="A folder of exports: each file in it becomes a table. Nothing in it is ever changed."
      onClose={onClose}
    >
      <form onSubmit={submit} className="grid gap-4 px-5 pt-5 sm:px-6">
        <Field label="Name" required value={name} onChange={(event) => setName(event.target.value)} />
        <Field
          label="Path on the server"
          hint="A folder or file in a place that the operator has allowed. CSV, TSV, JSON, NDJSON and Parquet are read, also compressed."
          required
          spellCheck={false}
          className="font-mono"
          value={path}
          onChange={(event) => setPath(event.target.value)}
        />
        <div>
          <Button type="submit" tone="primary" disabled={add.isPending}>
            {add.isPending ? "Adding…" : "Add source"}
          </Button>
        </div>
      </form>
      {add.isError && <Failure error={add.error} />}
    </Drawer>
  );
}
