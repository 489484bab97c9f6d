/** A file of 50 MB in base64. */
const maxBlobBytes = 80_000_000;
/** A page of a hundred comments, each as long as may be; a folder that GitHub lists whole. */
const maxBodyBytes = 16_000_000;

/** Reads no more of an answer than that: its end is GitHub's, or a proxy's, to choose. */
export function cappedFetch(inner: typeof fetch): typeof fetch {
  return async (input, init) => {
    const most = /\/git\/blobs\/[0-9a-f]+$/.test(String(input)) ? maxBlobBytes : maxBodyBytes;
    const response = await inner(input, init);
    if (response.body === null) return response;
    const { status, statusText, headers, url } = response;
    const capped = new Response(response.body.pipeThrough(cap(most)), { status, statusText, headers });
    return Object.defineProperty(capped, 'url', { value: url });
  };
}

function cap(most: number): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength;
      if (bytes <= most) controller.enqueue(chunk);
      else controller.error(new RangeError(`an answer of more than ${most} bytes`));
    },
  });
}
