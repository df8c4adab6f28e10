import { session } from '../app/session.js';
import { useStore } from '../../ui/store.js';

/** An event by its id; for an admin the way to it. */
export function EventLink({ id, position }: { id: string; position: number }) {
  const who = useStore(session);
  const short = <code title={id}>{id.slice(0, 8)}</code>;
  return who?.role === 'admin' ? <a href={`/console/events/${position}`}>{short}</a> : short;
}
