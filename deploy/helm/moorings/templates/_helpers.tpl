{{- define "moorings.name" -}}
{{- if contains .Chart.Name .Release.Name }}{{ .Release.Name | trunc 52 | trimSuffix "-" }}{{ else }}{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- define "moorings.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "moorings.labels" -}}
{{ include "moorings.selector" . }}
app.kubernetes.io/version: {{ .Values.image.tag | default .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "moorings.image" -}}
{{- if .Values.image.digest }}{{ printf "%s@%s" .Values.image.repository .Values.image.digest }}{{ else }}{{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}{{ end }}
{{- end }}

{{- define "moorings.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}{{ .Values.serviceAccount.name | default (include "moorings.name" .) }}{{ else }}{{ .Values.serviceAccount.name | default "default" }}{{ end }}
{{- end }}

{{- define "moorings.ledger" -}}
{{- if eq .Values.ledger.engine "sqlite" -}}
sqlite:////var/lib/moorings/ledger.db
{{- else -}}
{{ .Values.ledger.url }}
{{- end }}
{{- end }}

{{/* What values.schema.json cannot say: how values fit together. */}}
{{- define "moorings.check" -}}
{{- $ledger := .Values.ledger }}
{{- if not .Values.tls.secret }}{{ fail "tls.secret is empty: name a Secret with tls.crt and tls.key; the registry serves other machines over TLS alone" }}{{ end }}
{{- if and (not .Values.issuers) (not .Values.issuersConfigMap) }}{{ fail "issuers is empty: give the text of the issuers file, or a ConfigMap that has issuers.toml; without one nobody could sign in" }}{{ end }}
{{- if and .Values.issuers .Values.issuersConfigMap }}{{ fail "issuers and issuersConfigMap are both given: keep one" }}{{ end }}
{{- if eq $ledger.engine "sqlite" }}
{{- if $ledger.url }}{{ fail "ledger.url is given, and ledger.engine is sqlite: choose the engine of the URL" }}{{ end }}
{{- else }}
{{- if not (hasPrefix (printf "%s" (ternary "postgresql://" "redis" (eq $ledger.engine "postgresql"))) $ledger.url) }}{{ fail (printf "ledger.url does not name a ledger of the engine %s: %q" $ledger.engine (regexReplaceAll ":[^:@/]*@" $ledger.url ":...@")) }}{{ end }}
{{- if regexMatch "^[a-z]+://[^/@]*:[^/@]*@" $ledger.url }}{{ fail "ledger.url holds a password: put it into ledger.secret, and let the URL name its file" }}{{ end }}
{{- end }}
{{- range $name, $_ := .Values.settings }}
{{- if has $name (list "MOORINGS_HOST" "MOORINGS_PORT" "MOORINGS_LEDGER" "MOORINGS_ISSUERS" "MOORINGS_PUBLIC_URL" "MOORINGS_WORKERS" "MOORINGS_TLS_CERTIFICATE" "MOORINGS_TLS_KEY" "MOORINGS_TLS_CLIENT_CA" "MOORINGS_BASE_FOLDER" "MOORINGS_BASE_BYTES") }}{{ fail (printf "settings.%s is set by a value of its own" $name) }}{{ end }}
{{- end }}
{{- range $name, $_ := .Values.settings }}
{{- if and (hasPrefix "OTEL_" $name) (hasSuffix "_HEADERS" $name) }}{{ fail (printf "settings.%s would be a static secret: use a client certificate, or a collector that signs in" $name) }}{{ end }}
{{- end }}
{{- if and .Values.prometheusRule.enabled (not .Values.serviceMonitor.enabled) }}{{ fail "prometheusRule is enabled, and serviceMonitor is not: nothing would be scraped under the name that the alerts ask for" }}{{ end }}
{{- if and .Values.bases.volume (eq $ledger.engine "sqlite") }}{{ fail "bases.volume is given, and ledger.engine is sqlite: its bases lie beside the ledger, on ledger.sqlite's volume" }}{{ end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}{{ fail "ingress.host is empty: TLS is passed through by the name of the host" }}{{ end }}
{{- end }}

{{- define "moorings.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "moorings.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "moorings.credentialMounts" -}}
{{- if .Values.ledger.secret }}
- { name: ledger-credentials, mountPath: /etc/moorings/ledger, readOnly: true }
{{- end }}
{{- if .Values.ledger.tokenAudience }}
- { name: tokens, mountPath: /etc/moorings/tokens, readOnly: true }
{{- end }}
- { name: tmp, mountPath: /tmp }
{{- end }}

{{- define "moorings.credentialVolumes" -}}
{{- if .Values.ledger.secret }}
# Readable by the group alone: PostgreSQL's library refuses keys that others may read.
- { name: ledger-credentials, secret: { secretName: {{ .Values.ledger.secret | quote }}, defaultMode: 0440 } }
{{- end }}
{{- if .Values.ledger.tokenAudience }}
- name: tokens
  projected:
    defaultMode: 0440
    sources:
      - serviceAccountToken: { path: ledger, audience: {{ .Values.ledger.tokenAudience | quote }}, expirationSeconds: 3600 }
{{- end }}
- { name: tmp, emptyDir: { medium: Memory, sizeLimit: 256Mi } }
{{- end }}

{{- define "moorings.baseVariables" -}}
- { name: MOORINGS_BASE_BYTES, value: {{ mul .Values.bases.gib 1073741824 | quote }} }
{{- if ne .Values.ledger.engine "sqlite" }}
- { name: MOORINGS_BASE_FOLDER, value: /var/lib/moorings-bases/{{ .Release.Namespace }} }
{{- end }}
{{- end }}

{{- define "moorings.baseMounts" -}}
- { name: data, mountPath: /var/lib/moorings }
{{- if ne .Values.ledger.engine "sqlite" }}
- { name: bases, mountPath: /var/lib/moorings-bases }
{{- end }}
{{- end }}

{{- define "moorings.pod" -}}
metadata:
  labels:
    {{- include "moorings.labels" . | nindent 4 }}
    {{- with .Values.podLabels }}{{ toYaml . | nindent 4 }}{{ end }}
  {{- with .Values.podAnnotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  serviceAccountName: {{ include "moorings.serviceAccount" . }}
  # The registry asks nothing of the cluster.
  automountServiceAccountToken: false
  enableServiceLinks: false
  # 5 seconds until nobody sends new requests, and 20 to answer those that have begun.
  terminationGracePeriodSeconds: 30
  securityContext: {{- include "moorings.podSecurity" . | nindent 4 }}
  {{- with .Values.imagePullSecrets }}
  imagePullSecrets: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity: {{- toYaml . | nindent 4 }}
  {{- end }}
  topologySpreadConstraints:
    {{- if .Values.topologySpreadConstraints }}
    {{- toYaml .Values.topologySpreadConstraints | nindent 4 }}
    {{- else }}
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "moorings.selector" $ | nindent 10 }}
    {{- end }}
    {{- end }}
  {{- if .Values.bases.before }}
  # Where there is no base, or an old one, it is made here within little memory; the registry starts without it, too.
  initContainers:
    - name: base
      image: {{ include "moorings.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      securityContext: {{- include "moorings.containerSecurity" . | nindent 8 }}
      command: [/bin/sh, -c, "moorings-registry ledger base --least-entries 100000 || true"]
      env:
        - { name: MOORINGS_LEDGER, value: {{ include "moorings.ledger" . | quote }} }
        {{- include "moorings.baseVariables" . | trim | nindent 8 }}
      resources: {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        {{- include "moorings.baseMounts" . | trim | nindent 8 }}
        {{- include "moorings.credentialMounts" . | trim | nindent 8 }}
  {{- end }}
  containers:
    - name: registry
      image: {{ include "moorings.image" . | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      securityContext: {{- include "moorings.containerSecurity" . | nindent 8 }}
      env:
        - { name: MOORINGS_HOST, value: 0.0.0.0 }
        - { name: MOORINGS_PORT, value: "8081" }
        - { name: MOORINGS_LEDGER, value: {{ include "moorings.ledger" . | quote }} }
        - { name: MOORINGS_WORKERS, value: {{ .Values.workers | quote }} }
        - { name: MOORINGS_ISSUERS, value: /etc/moorings/issuers/issuers.toml }
        - { name: MOORINGS_TLS_CERTIFICATE, value: /etc/moorings/tls/tls.crt }
        - { name: MOORINGS_TLS_KEY, value: /etc/moorings/tls/tls.key }
        {{- if .Values.tls.clientCa }}
        - { name: MOORINGS_TLS_CLIENT_CA, value: /etc/moorings/tls/ca.crt }
        {{- end }}
        {{- include "moorings.baseVariables" . | trim | nindent 8 }}
        {{- with .Values.publicUrl }}
        - { name: MOORINGS_PUBLIC_URL, value: {{ . | quote }} }
        {{- end }}
        {{- range $name, $value := .Values.settings }}
        - { name: {{ $name }}, value: {{ $value | quote }} }
        {{- end }}
      ports: [{ name: https, containerPort: 8081 }]
      # A large ledger takes a while to be read; from then on it is the readiness that counts.
      startupProbe:
        httpGet: { path: /healthz, port: https, scheme: HTTPS }
        periodSeconds: 2
        failureThreshold: {{ div .Values.startSeconds 2 }}
      readinessProbe:
        httpGet: { path: /readyz, port: https, scheme: HTTPS }
        periodSeconds: 5
        timeoutSeconds: 5
      # Not /readyz: without its ledger the registry still answers reads.
      livenessProbe:
        httpGet: { path: /healthz, port: https, scheme: HTTPS }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      lifecycle: { preStop: { exec: { command: [sleep, "5"] } } }
      resources: {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        # Whole folders, not files of them: only those follow when a Secret is renewed.
        - { name: tls, mountPath: /etc/moorings/tls, readOnly: true }
        - { name: issuers, mountPath: /etc/moorings/issuers, readOnly: true }
        {{- include "moorings.baseMounts" . | trim | nindent 8 }}
        {{- include "moorings.credentialMounts" . | trim | nindent 8 }}
  volumes:
    - { name: tls, secret: { secretName: {{ .Values.tls.secret | quote }}, defaultMode: 0440 } }
    - { name: issuers, configMap: { name: {{ .Values.issuersConfigMap | default (include "moorings.name" .) | quote }} } }
    {{- if ne .Values.ledger.engine "sqlite" }}
    # Counts of who read what until they are in the ledger, within the hour.
    - { name: data, emptyDir: { sizeLimit: 256Mi } }
    {{- if .Values.bases.volume }}
    - name: bases
      {{- toYaml .Values.bases.volume | nindent 6 }}
    {{- else }}
    # Twice what they may take: workers keep the room of the one that they began with, and a pod beyond this is evicted.
    - { name: bases, emptyDir: { sizeLimit: {{ mul .Values.bases.gib 2 }}Gi } }
    {{- end }}
    {{- end }}
    {{- include "moorings.credentialVolumes" . | trim | nindent 4 }}
{{- end }}
