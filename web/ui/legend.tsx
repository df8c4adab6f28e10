export function Legend({ marks }: { marks: [string, string][] }) {
  return (
    <>
      {marks.map(([colour, words]) => (
        <span class="mark" key={words}>
          <i class={colour} />
          {words}
        </span>
      ))}
    </>
  );
}
