// "AOS Knowledge": search over the documents, with where it stands, and the documents themselves.
import { useInfiniteQuery } from "@tanstack/react-query";
import { BookOpen, Plus } from "lucide-react";
import { useState } from "react";
import { useMay } from "@/api/permissions";
import type { KnowledgeDocument } from "@/api/types";
import { formatMoment } from "@/lib/format";
import { text } from "@/text/knowledge";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { PageHeader } from "@/ui/PageHeader";
import { Pages } from "@/ui/Pages";
import { Empty } from "@/ui/States";
import { AddDocument } from "./AddDocument";
import { DocumentDrawer } from "./DocumentDrawer";
import { documentsQuery } from "./queries";
import { SearchCard } from "./SearchCard";

export function KnowledgePage() {
  const documents = useInfiniteQuery(documentsQuery);
  const writes = useMay("knowledge:write") === true;
  const [adding, setAdding] = useState(false);
  const [opened, setOpened] = useState<string | null>(null);
  return (
    <div className="grid min-w-0 gap-5">
      <PageHeader
        title={text.title}
        aside={
          writes && (
            <Button tone="primary" onClick={() => setAdding(true)}>
              <Plus aria-hidden="true" className="size-4" /> {text.add}
            </Button>
          )
        }
      >
        {text.lead}
      </PageHeader>
      <SearchCard onOpen={setOpened} />
      <Card flush title={text.documents}>
        <Pages
          query={documents}
          loading={text.loading}
          empty={
            <Empty icon={BookOpen} title={text.none}>
              {text.noneLead}
            </Empty>
          }
        >
          {(items) => (
            <ul>
              {items.map((document) => (
                <DocumentRow key={document.id} document={document} onOpen={() => setOpened(document.id)} />
              ))}
            </ul>
          )}
        </Pages>
      </Card>
      {adding && <AddDocument onClose={() => setAdding(false)} />}
      {opened && <DocumentDrawer id={opened} onClose={() => setOpened(null)} />}
    </div>
  );
}

function DocumentRow({ document, onOpen }: { document: KnowledgeDocument; onOpen: () => void }) {
  return (
    <li className="border-t border-line">
      <button
        type="button"
        data-document={document.location}
        aria-label={text.open(document.title)}
        onClick={onOpen}
        className="flex w-full flex-wrap items-center gap-x-4 gap-y-1 px-5 py-3 text-left hover:bg-raised/50"
      >
        <span className="min-w-0 flex-1 basis-60">
          <bdi className="block truncate font-semibold">{document.title}</bdi>
          <span className="block truncate text-sm text-faint">{document.location}</span>
        </span>
        {document.tags.map((tag) => (
          <Badge key={tag}>{tag}</Badge>
        ))}
        {document.marked_chunks > 0 && <Badge tone="warn">{text.markedCount(document.marked_chunks)}</Badge>}
        <span className="num text-sm text-soft">{text.chunks(document.chunks)}</span>
        <time dateTime={document.updated_at} className="text-sm text-faint">
          {formatMoment(document.updated_at)}
        </time>
      </button>
    </li>
  );
}
