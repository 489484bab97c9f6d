/** The largest answer that anything of ours needs is a file of 50 MB in base64. */
const maxBodyBytes = 80_000_000;

/** Reads no more of an answer than that: its end is GitHub's, or a proxy's, to choose. */
export function cappedFetch(inner: typeof fetch): typeof fetch {
  return async (input, init) => {
    const response = await inner(input, init);
    if (response.body === null) return response;
    const { status, statusText, headers, url } = response;
    const capped = new Response(response.body.pipeThrough(cap()), { status, statusText, headers });
    return Object.defineProperty(capped, 'url', { value: url });
  };
}

function cap(): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength;
      if (bytes > maxBodyBytes)
        controller.error(new RangeError(`an answer of more than ${maxBodyBytes} bytes`));
      else controller.enqueue(chunk);
    },
  });
}
