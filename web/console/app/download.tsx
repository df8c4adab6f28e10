import { useState } from 'preact/hooks';
import { Button, Notice } from '../../ui/controls.js';
import { getText, type Query } from './api.js';

/** Gives the browser a file to save. */
export function save(name: string, text: string, type: string): void {
  // Excel takes a file without this mark for its own old encoding.
  const url = URL.createObjectURL(new Blob(['\ufeff', text], { type }));
  const link = Object.assign(document.createElement('a'), { href: url, download: name });
  link.click();
  URL.revokeObjectURL(url);
}

interface DownloadProps {
  /** Of the API, which answers with CSV. */
  path: string;
  query?: Query;
  name: string;
  children: string;
}

/** A file of the API. A link cannot get it, since the token is in a header. */
export function Download({ path, query = {}, name, children }: DownloadProps) {
  const [fault, setFault] = useState<string | null>(null);
  const [saved, setSaved] = useState(false);
  const [busy, setBusy] = useState(false);
  async function run() {
    setBusy(true);
    setFault(null);
    setSaved(false);
    try {
      save(name, await getText(path, query), 'text/csv;charset=utf-8');
      setSaved(true);
    } catch (error) {
      setFault(`The file was not written. ${(error as Error).message}`);
    }
    setBusy(false);
  }
  return (
    <>
      {fault && <Notice kind="bad">{fault}</Notice>}
      <Button icon="out_page" busy={busy} onClick={() => void run()}>
        {children}
      </Button>
      <span class="hidden" role="status">
        {saved ? `${name} is saved.` : ''}
      </span>
    </>
  );
}
