import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';

interface PageProps {
  title: string;
  /** The screen that this one is a part of. */
  back?: { href: string; label: string };
  /** Buttons and choices beside the title. */
  actions?: ComponentChildren;
  children: ComponentChildren;
}

/** A screen: its heading, which is also the title of the window. */
export function Page({ title, back, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Cliptally`;
  }, [title]);
  return (
    <>
      <div class="page-head">
        <div>
          {back && (
            <a class="back" href={back.href}>
              ← {back.label}
            </a>
          )}
          <h1 dir="auto">{title}</h1>
        </div>
        {actions && <div class="row">{actions}</div>}
      </div>
      {children}
    </>
  );
}

export const Card = ({ title, children }: { title?: string; children: ComponentChildren }) => (
  <section class="card" aria-label={title}>
    {title && <h2>{title}</h2>}
    {children}
  </section>
);
