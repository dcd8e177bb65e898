// The first rows behind any node of the picture.
import { useQuery } from "@tanstack/react-query";
import { Route, Rows3, UnfoldHorizontal } from "lucide-react";
import { api, call } from "@/api/client";
import type { GraphNode } from "@/api/types";
import { formatCount, formatValue } from "@/lib/format";
import { text } from "@/text/connect";
import { Badge } from "@/ui/Badge";
import { Button } from "@/ui/Button";
import { Drawer } from "@/ui/Drawer";
import { Query } from "@/ui/Query";
import { Empty } from "@/ui/States";
import { CellText, TableFrame, Td, Th } from "@/ui/Table";
import { canOpen } from "./sankey/expand";
import { KINDS } from "./sankey/kinds";
import type { Picture } from "./usePicture";

const ROWS_MAX = 20;
/** The column that says where a record is from. */
const SOURCE = "_source";
/** Columns that unified records are kept with. Others may begin alike, such as the key of a MongoDB. */
const KEPT_WITH = new Set(["_connection_id", "_record_id", "_streams"]);

type Props = { node: GraphNode; picture: Picture; onClose: () => void };

export function PreviewDrawer({ node, picture, onClose }: Props) {
  const preview = useQuery({
    queryKey: ["dcl", "preview", node.id],
    queryFn: ({ signal }) =>
      call(api.GET("/api/v1/dcl/preview", { signal, params: { query: { node: node.id, limit: ROWS_MAX } } })),
  });
  const kind = KINDS[node.type];

  return (
    <Drawer
      title={node.label}
      onClose={onClose}
      summary={
        <>
          <Badge tone={kind.tone}>{kind.name}</Badge>
          {node.fields.length > 0 && <span>{text.fieldCount(node.fields.length)}</span>}
          {node.records != null && <span className="num">{text.recordCount(node.records)}</span>}
        </>
      }
    >
      <div className="flex flex-wrap gap-2 px-5 py-4">
        <Button
          small
          onClick={() => {
            picture.setOnly(node.id);
            onClose();
          }}
        >
          <Route aria-hidden="true" className="size-4" /> {text.showOnlyThis}
        </Button>
        {canOpen(node) && (
          <Button
            small
            onClick={() => {
              picture.toggle(node.id);
              onClose();
            }}
          >
            <UnfoldHorizontal aria-hidden="true" className="size-4" />
            {picture.opened.has(node.id) ? text.hideItsFields : text.showItsFields}
          </Button>
        )}
      </div>
      <Query query={preview} loading={text.loadingThePreview}>
        {({ columns: all, rows, total }) => {
          const columns = ownFirst(all);
          return rows.length === 0 ? (
            <Empty icon={Rows3} title={text.noRowsToShow}>
              {text.nothingHasReachedThisPlaceYet}
            </Empty>
          ) : (
            <>
              <TableFrame label={text.firstRowsOf(node.label)}>
                <thead>
                  <tr>
                    {columns.map(({ name }) => (
                      <Th key={name}>{name === SOURCE ? text.sourceColumn : name}</Th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {rows.map((row, index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a preview is never reordered
                    <tr key={index} className="hover:bg-raised/50">
                      {columns.map(({ name, position }) => (
                        <Td key={name}>
                          <CellText text={formatValue(row[position])} />
                        </Td>
                      ))}
                    </tr>
                  ))}
                </tbody>
              </TableFrame>
              <p className="num px-5 pt-3 text-sm text-faint">
                {rows.length < total ? text.theFirstOfRows(rows.length, formatCount(total)) : text.allRows(total)}
              </p>
            </>
          );
        }}
      </Query>
    </Drawer>
  );
}

/** What a record says comes before references and where it is from. What it is kept with besides says nothing to people. */
function ownFirst(columns: string[]) {
  const rank = (name: string) => (name === SOURCE ? 2 : name.endsWith("_id") ? 1 : 0);
  return columns
    .map((name, position) => ({ name, position }))
    .filter(({ name }) => !KEPT_WITH.has(name))
    .sort((a, b) => rank(a.name) - rank(b.name));
}
