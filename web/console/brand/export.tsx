import { useEffect, useRef, useState } from 'preact/hooks';
import { Button, Notice } from '../../ui/controls.js';
import { number } from '../../ui/format.js';
import { csvOf } from './csv.js';
import { save } from '../app/download.js';
import { everyLine } from './lines.js';

/** Every line of a campaign as a file. It is read page by page, and may take a while. */
export function ExportButton({ campaignId }: { campaignId: string }) {
  const [read, setRead] = useState<number | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  async function start() {
    const { signal } = (stop.current = new AbortController());
    setFault(null);
    setRead(0);
    try {
      const lines = await everyLine(campaignId, { signal, onRead: setRead });
      save(`${campaignId}-lines.csv`, csvOf(lines), 'text/csv;charset=utf-8');
    } catch (error) {
      if (!signal.aborted) setFault(`The file was not written. ${(error as Error).message}`);
    }
    setRead(null);
  }
  return (
    <>
      <Button icon="out_page" busy={read !== null} onClick={() => void start()}>
        {read === null ? 'Export as CSV' : `${number(read)} lines read…`}
      </Button>
      {fault && <Notice kind="bad">{fault}</Notice>}
    </>
  );
}
