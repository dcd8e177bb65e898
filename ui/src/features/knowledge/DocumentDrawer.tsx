// One document: what was done with it, its pieces, and the way to remove it.
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/api/permissions";
import { formatMoment } from "@/lib/format";
import { text } from "@/text/knowledge";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { ConfirmDialog } from "@/ui/Dialog";
import { Drawer } from "@/ui/Drawer";
import { Query } from "@/ui/Query";
import { toast } from "@/ui/toasts";
import { documentQuery, useRemove } from "./queries";

export function DocumentDrawer({ id, onClose }: { id: string; onClose: () => void }) {
  const document = useQuery(documentQuery(id));
  const writes = useMay("knowledge:write") === true;
  const remove = useRemove();
  const [asking, setAsking] = useState(false);
  const known = document.data;
  return (
    <Drawer
      title={<bdi>{known?.title ?? text.documents}</bdi>}
      onClose={onClose}
      summary={
        known && (
          <>
            <Badge>{known.format}</Badge>
            <span>{text.chunks(known.chunks)}</span>
            <span className="num">{text.tokens(known.tokens)}</span>
            <span>{`${text.updated} ${formatMoment(known.updated_at)}`}</span>
          </>
        )
      }
    >
      <Query query={document} loading={text.reading}>
        {(detail) => (
          <div className="grid grid-cols-1 gap-4 px-5 pt-5 sm:px-6">
            <p className="text-sm break-all text-faint">{detail.location}</p>
            <p className="flex flex-wrap gap-2">
              {detail.redacted && <Badge tone="good">{text.redactions(detail.redactions)}</Badge>}
              {detail.marked_chunks > 0 && <Badge tone="warn">{text.markedCount(detail.marked_chunks)}</Badge>}
              <Badge>{detail.vector_model ? text.byMeaning(detail.vector_model) : text.byWords}</Badge>
              {detail.tags.map((tag) => (
                <Badge key={tag}>{tag}</Badge>
              ))}
            </p>
            {writes && (
              <Button small tone="danger" className="w-fit" onClick={() => setAsking(true)}>
                {text.remove}
              </Button>
            )}
            <p className="text-sm text-faint">{text.first(detail.first_chunks.length, detail.chunks)}</p>
            <ol className="grid gap-3">
              {detail.first_chunks.map((chunk) => (
                <li key={chunk.chunk} className="grid gap-1 rounded-xl border border-line bg-bg/40 p-4">
                  <p className="flex flex-wrap gap-2 text-sm font-semibold text-faint">
                    <span className="min-w-0 break-words">{chunk.section.join(" › ")}</span>
                    {chunk.page != null && <span>{text.page(chunk.page)}</span>}
                    {chunk.marks.map((mark) => (
                      <Badge key={mark} tone="warn">
                        {`${text.marked}: ${mark}`}
                      </Badge>
                    ))}
                  </p>
                  <p className="text-sm break-words whitespace-pre-line">{chunk.text}</p>
                </li>
              ))}
            </ol>
            {asking && (
              <ConfirmDialog
                title={text.removeOne(detail.title)}
                confirm={text.remove}
                busy={remove.isPending}
                onClose={() => setAsking(false)}
                onConfirm={() =>
                  remove.mutate(id, {
                    onSuccess: () => {
                      toast.done(text.removed(detail.title));
                      onClose();
                    },
                    onError: toast.failed,
                    onSettled: () => setAsking(false),
                  })
                }
              >
                {text.removeLead}
              </ConfirmDialog>
            )}
          </div>
        )}
      </Query>
    </Drawer>
  );
}
