/** Fulcio's configuration for one issuer whose tokens are GitHub's: which claim stands in which extension (oid-info.md). */
export const fulcioConfiguration = (issuer: string): object => ({
  OIDCIssuers: {
    [issuer]: {
      IssuerURL: issuer,
      ClientID: 'sigstore',
      Type: 'ci-provider',
      CIProvider: 'github-workflow',
    },
  },
  CIIssuerMetadata: {
    'github-workflow': {
      DefaultTemplateValues: { url: 'https://github.com', environment: '' },
      SubjectAlternativeNameTemplate: '{{ .url }}/{{ .job_workflow_ref }}',
      ExtensionTemplates: {
        GithubWorkflowTrigger: 'event_name',
        GithubWorkflowSHA: 'sha',
        GithubWorkflowName: 'workflow',
        GithubWorkflowRepository: 'repository',
        GithubWorkflowRef: 'ref',
        BuildSignerURI: '{{ .url }}/{{ .job_workflow_ref }}',
        BuildSignerDigest: 'job_workflow_sha',
        RunnerEnvironment: 'runner_environment',
        SourceRepositoryURI: '{{ .url }}/{{ .repository }}',
        SourceRepositoryDigest: 'sha',
        SourceRepositoryRef: 'ref',
        SourceRepositoryIdentifier: 'repository_id',
        SourceRepositoryOwnerURI: '{{ .url }}/{{ .repository_owner }}',
        SourceRepositoryOwnerIdentifier: 'repository_owner_id',
        BuildConfigURI: '{{ .url }}/{{ .workflow_ref }}',
        BuildConfigDigest: 'workflow_sha',
        BuildTrigger: 'event_name',
        RunInvocationURI:
          '{{ .url }}/{{ .repository }}/actions/runs/{{ .run_id }}/attempts/{{ .run_attempt }}',
        SourceRepositoryVisibilityAtSigning: 'repository_visibility',
        DeploymentEnvironment: 'environment',
      },
    },
  },
})
