import { refused, token } from './token.js';

/** Asks for the token of an admin: an admin's console has a link that brings it along. */
export function SignIn({ reason }: { reason: string }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget as HTMLFormElement).get('token') as string;
    refused.set(null);
    token.set(given.trim());
  };
  return (
    <div class="starting">
      <h1>For operators</h1>
      <p role="alert">{reason}</p>
      <form onSubmit={submit}>
        <label>
          Token of an admin
          <input name="token" type="password" autocomplete="off" required />
        </label>
        <button>Show the figures</button>
      </form>
      <p class="faint">The live page that an admin opens from the console has it already.</p>
    </div>
  );
}
