{{- define "sluice.name" -}}
{{- if contains "sluice" .Release.Name }}{{ .Release.Name | trunc 50 | trimSuffix "-" }}{{ else }}{{ printf "%s-sluice" .Release.Name | trunc 50 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "sluice.selector" -}}
app.kubernetes.io/name: sluice
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end }}

{{- define "sluice.labels" -}}
{{ include "sluice.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "sluice.metadata" -}}
name: {{ include "sluice.name" .root }}-{{ .part }}
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "sluice.labels" . | nindent 2 }}
{{- end }}

{{- define "sluice.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* VARIABLE -> { name, key }: what a part reads from files. */}}
{{- define "sluice.secrets" -}}
{{- $secrets := dict "DATABASE_URL" .database -}}
{{- with .listenDatabase }}{{ $_ := set $secrets "DATABASE_LISTEN_URL" . }}{{ end -}}
{{- if ne .part "migrate" }}{{ with .root.Values.temporal.apiKey }}{{ $_ := set $secrets "TEMPORAL_API_KEY" . }}{{ end }}{{ end -}}
{{- range $variable, $reference := .secrets }}{{ $_ := set $secrets $variable $reference }}{{ end -}}
{{- toYaml $secrets -}}
{{- end }}

{{/* What the container of each part has in common. */}}
{{- define "sluice.container" -}}
image: {{ include "sluice.image" .root | quote }}
imagePullPolicy: {{ .root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
env:
  {{- if ne .part "migrate" }}
  - { name: TEMPORAL_ADDRESS, value: {{ .root.Values.temporal.address | quote }} }
  - { name: TEMPORAL_NAMESPACE, value: {{ .root.Values.temporal.namespace | quote }} }
  {{- if .root.Values.temporal.tlsSecret }}
  - { name: TEMPORAL_TLS_CLIENT_CERT_PATH, value: /run/secrets/temporal/tls.crt }
  - { name: TEMPORAL_TLS_CLIENT_KEY_PATH, value: /run/secrets/temporal/tls.key }
  {{- end }}
  - { name: SLUICE_METRICS_LISTEN, value: "0.0.0.0:{{ .metricsPort }}" }
  {{- end }}
  {{- range $variable, $_ := include "sluice.secrets" . | fromYaml }}
  - { name: {{ $variable }}_FILE, value: /run/secrets/sluice/{{ $variable }} }
  {{- end }}
  {{- range $variable, $text := merge (dict) .env .root.Values.env }}
  - { name: {{ $variable }}, value: {{ $text | quote }} }
  {{- end }}
volumeMounts:
  - { name: secrets, mountPath: /run/secrets/sluice, readOnly: true }
  {{- if and (ne .part "migrate") .root.Values.temporal.tlsSecret }}
  - { name: temporal, mountPath: /run/secrets/temporal, readOnly: true }
  {{- end }}
  - { name: tmp, mountPath: /tmp }
resources:
  {{- toYaml .resources | nindent 2 }}
{{- end }}

{{/* What the pod of each part has in common. */}}
{{- define "sluice.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  runAsGroup: 1000
  fsGroup: 1000
  seccompProfile: { type: RuntimeDefault }
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity: {{- toYaml . | nindent 2 }}
{{- end }}
volumes:
  - name: tmp
    emptyDir: { sizeLimit: 64Mi }
  - name: secrets
    projected:
      defaultMode: 0440
      sources:
        {{- range $variable, $reference := include "sluice.secrets" . | fromYaml }}
        - secret:
            name: {{ $reference.name }}
            items: [{ key: {{ $reference.key | quote }}, path: {{ $variable }} }]
        {{- end }}
  {{- if and (ne .part "migrate") .root.Values.temporal.tlsSecret }}
  - name: temporal
    secret: { secretName: {{ .root.Values.temporal.tlsSecret }}, defaultMode: 0440 }
  {{- end }}
{{- end }}
