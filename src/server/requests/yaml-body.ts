/** A body that came as YAML; whoever reads it bounds its depth. */
export class YamlBody {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
