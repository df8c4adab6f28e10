import type { ChaosState, FaultBody } from '@cliptally/contracts/api';
import { useQuery, useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { ApiFailure, Unreachable, detailOf } from '../../app/api.js';
import { addresses } from '../../app/config.js';

const EVERY_MS = 1_000;
const LIMIT_MS = 10_000;
const KEY = ['chaos'] as const;

/** Asks the launcher of the sample world. Throws {@link ApiFailure} or {@link Unreachable}. */
async function ask(method: 'GET' | 'POST', path: string, body?: object): Promise<unknown> {
  const { origin, hash } = new URL(addresses.get().sampleWorld!);
  let response: Response;
  try {
    response = await fetch(origin + path, {
      method,
      credentials: 'omit',
      headers: {
        authorization: `Bearer ${hash.slice(1)}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
  } catch {
    throw new Unreachable();
  }
  if (!response.ok) throw new ApiFailure(response.status, 'chaos', await detailOf(response));
  return response.json();
}

/** What the launcher knows, anew each second while the page can be seen. */
export const useChaos = () =>
  useQuery<ChaosState>({
    queryKey: KEY,
    queryFn: () => ask('GET', '/state') as Promise<ChaosState>,
    refetchInterval: EVERY_MS,
    retry: false,
    meta: { quiet: true },
  });

/** Buttons that ask something of the launcher: which one is waited for, and why it was refused. */
export function usePress() {
  const queries = useQueryClient();
  const [busy, setBusy] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  async function press(name: string, send: () => Promise<unknown>): Promise<void> {
    setBusy(name);
    setRefused(null);
    try {
      await send();
    } catch (error) {
      setRefused((error as Error).message);
    }
    await queries.invalidateQueries({ queryKey: KEY });
    setBusy(null);
  }
  return {
    busy,
    refused,
    disturb: (body: FaultBody) => press(body.kind, () => ask('POST', '/faults', body)),
    check: () => press('check', () => ask('POST', '/check', {})),
  };
}
