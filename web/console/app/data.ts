import {
  QueryClient,
  keepPreviousData,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/preact-query';
import { get, passes, post, waitOf, type Asked, type Sent } from './api.js';
import { announce } from './announce.js';
import { isFollowed } from './live.js';
import type { Answer, GetRoute, Item, PagedRoute, PostRoute } from './routes.js';

/** A screen asks again after this, and rarely if the server says what changes. */
const REFRESH_MS = 15_000;
const RARELY_MS = 5 * 60_000;
const LONGEST_PAUSE_MS = 20_000;

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 2_000,
      refetchInterval: ({ queryKey: [route] }) =>
        isFollowed(String(route)) ? RARELY_MS : REFRESH_MS,
      // What passes is tried again for as long as it takes; the line at the top says so.
      retry: (_, error) => passes(error),
      retryDelay: (failures, error) =>
        waitOf(error) ?? Math.min(1_000 * 2 ** failures, LONGEST_PAUSE_MS),
      refetchOnReconnect: true,
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
});

type Input = Omit<Asked, 'signal'>;
export interface Options {
  /** False while something that it needs is not known yet. */
  enabled?: boolean;
}

/** One answer, kept fresh while its screen is open; the last one stays while it is asked anew. */
export const useGet = <R extends GetRoute>(route: R, input: Input = {}, options: Options = {}) =>
  useQuery<Answer<R>>({
    queryKey: [route, input],
    queryFn: ({ signal }) => get(route, { ...input, signal }),
    placeholderData: keepPreviousData,
    ...options,
  });

/** A list page by page; `items` is all that has been read of it so far. */
export function usePages<R extends PagedRoute>(route: R, input: Input = {}, options: Options = {}) {
  const pages = useInfiniteQuery({
    queryKey: [route, input, 'pages'],
    queryFn: ({ signal, pageParam }) => {
      const query = { ...input.query, ...(pageParam && { cursor: pageParam }) };
      return get(route, { ...input, query, signal });
    },
    initialPageParam: '',
    getNextPageParam: (last) => (last as Page<R>).next,
    placeholderData: keepPreviousData,
    ...options,
  });
  const items = pages.data?.pages.flatMap((page) => {
    const { items: some, lines } = page as Page<R>;
    return some ?? lines ?? [];
  });
  return { ...pages, items };
}

/** What would come of a request, while somebody types: `POST .../preview`, which writes nothing. */
export const usePreview = <R extends Extract<PostRoute, `${string}/preview`>>(
  route: R,
  body: object,
  options: Options = {},
) =>
  useQuery<Answer<R>>({
    queryKey: [route, body],
    queryFn: ({ signal }) => post(route, { body, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: false,
    ...options,
  });

const MOST_PAGES = 25;

/** All items of a list, of at most 5,000. */
export const useAll = <R extends PagedRoute>(route: R, input: Input = {}, options: Options = {}) =>
  useQuery<Item<R>[]>({
    queryKey: [route, input, 'all'],
    queryFn: async ({ signal }) => {
      const items: Item<R>[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MOST_PAGES; page++) {
        const query = { ...input.query, limit: 200, cursor };
        const answer = (await get(route, { ...input, query, signal })) as Page<R>;
        items.push(...(answer.items ?? answer.lines ?? []));
        if (answer.next === null) break;
        cursor = answer.next;
      }
      return items;
    },
    placeholderData: keepPreviousData,
    ...options,
  });

interface Page<R extends PagedRoute> {
  items?: Item<R>[];
  lines?: Item<R>[];
  next: string | null;
}

/**
 * Writes, and then reads anew what is on the screen. `key` is for a request that a person may send
 * again after a fault: the same key does it once.
 */
export function usePost<R extends PostRoute>(route: R) {
  const queries = useQueryClient();
  return useMutation<Answer<R>, Error, Sent>({
    mutationFn: (sent) => post(route, sent),
    onSuccess: (_, { query }) => {
      // What was only tried has changed nothing.
      if (query?.['dryRun']) return undefined;
      announce('Done.');
      return queries.invalidateQueries();
    },
  });
}
