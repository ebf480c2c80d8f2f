/** Views bytes as a Buffer, without copying. Public types name no Buffer: browsers have none. */
export const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength)
