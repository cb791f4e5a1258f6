/** A body that came as protobuf. */
export class ProtobufBody {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}
