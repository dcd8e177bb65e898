// The three states beside "live".
import { Database } from "lucide-react";
import { ApiProblem } from "@/api/problem";
import { text } from "@/text/design";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Empty, Failure, Loading } from "@/ui/States";

export function SampleStates() {
  return (
    <div className="grid items-start gap-5 lg:grid-cols-3">
      <Card title={text.sections.states} flush>
        <Loading label="Loading" />
      </Card>
      <Card flush>
        <Empty icon={Database} title="Nothing is connected yet" action={<Button small>Add a source</Button>}>
          It says what to do next.
        </Empty>
      </Card>
      <Card flush>
        <Failure error={ApiProblem.unreachable()} retry={() => undefined} />
      </Card>
    </div>
  );
}
