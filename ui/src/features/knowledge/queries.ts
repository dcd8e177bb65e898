// What the knowledge base reads, keeps and finds.
import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, call } from "@/api/client";
import type { DocumentTaken, Role } from "@/api/types";

const PAGE_LIMIT = 50;
const MATCHES_MAX = 8;
/** The server cuts documents into pieces of this size unless told otherwise. */
const CHUNK_TOKENS_MAX = 400;

export const documentsQuery = infiniteQueryOptions({
  queryKey: ["knowledge", "documents"],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ signal, pageParam: cursor }) =>
    call(api.GET("/api/v1/kb/documents", { signal, params: { query: { limit: PAGE_LIMIT, cursor } } })),
  getNextPageParam: (page) => page.next_cursor ?? undefined,
});

export const documentQuery = (id: string) =>
  queryOptions({
    queryKey: ["knowledge", "document", id],
    queryFn: ({ signal }) => call(api.GET("/api/v1/kb/documents/{id}", { signal, params: { path: { id } } })),
  });

/** What a document is beside its content. */
export type Treatment = { tags: string[]; least_role: Role; redact_pii: boolean };
export type NewDocument = Treatment &
  ({ kind: "text"; name: string; text: string } | { kind: "url"; url: string } | { kind: "file"; file: File });

export const useAdd = () => {
  const queryClient = useQueryClient();
  const refetch = () => queryClient.invalidateQueries({ queryKey: ["knowledge"] });
  return useMutation({
    mutationFn: (document: NewDocument) => add(document),
    // A document that is fetched, or embedded, ends as a task, which is told live.
    onSuccess: () => void refetch(),
  });
};

function add(document: NewDocument): Promise<DocumentTaken> {
  const { tags, least_role, redact_pii } = document;
  const treatment = { tags, least_role, redact_pii, chunk_tokens_max: CHUNK_TOKENS_MAX };
  if (document.kind === "text") {
    return call(api.POST("/api/v1/kb/documents", { body: { ...treatment, name: document.name, text: document.text } }));
  }
  if (document.kind === "url") {
    return call(api.POST("/api/v1/kb/documents", { body: { ...treatment, url: document.url } }));
  }
  const query = { name: document.file.name, tags: tags.join(","), least_role, redact_pii };
  return call(
    api.POST("/api/v1/kb/documents/upload", {
      params: { query },
      headers: { "content-type": document.file.type || "application/octet-stream" },
      body: document.file as never,
      // The body is the file itself, as it is.
      bodySerializer: (body: unknown) => body as Blob,
    }),
  );
}

export const useRemove = () => {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => call(api.DELETE("/api/v1/kb/documents/{id}", { params: { path: { id } } })),
    onSettled: () => queryClient.invalidateQueries({ queryKey: ["knowledge"] }),
  });
};

export const useSearch = () =>
  useMutation({
    mutationFn: (query: string) => call(api.POST("/api/v1/kb/search", { body: { query, top_k: MATCHES_MAX } })),
  });

export type Opinion = { query: string; rating: "up" | "down"; document_id: string; chunk: number };

export const useSay = () =>
  useMutation({ mutationFn: (opinion: Opinion) => call(api.POST("/api/v1/kb/feedback", { body: opinion })) });
