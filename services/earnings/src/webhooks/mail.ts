import { createTransport } from 'nodemailer';

/** Hands a message to the mail server; rejects if that does not take it. */
export type SendMail = (to: string, webhookId: string, sentence: string) => Promise<void>;

export interface MailSettings {
  /** smtp:// or smtps://, with user and password if the server wants them. */
  url: string;
  from: string;
}

const LONGEST_SUBJECT = 120;

/** A webhook that is sent again has the same Message-ID. */
export function mailThrough({ url, from }: MailSettings): SendMail {
  const transport = createTransport(url);
  const domain = from.slice(from.lastIndexOf('@') + 1).replace(/>$/, '');
  return async (to, webhookId, sentence) => {
    await transport.sendMail({
      from,
      to,
      subject: sentence.slice(0, LONGEST_SUBJECT),
      text: `${sentence}\n`,
      messageId: `<${webhookId}@${domain}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  };
}
