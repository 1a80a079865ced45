"""Specs with every kind of task, cluster and setting; and texts of specs that Hypothesis makes up."""

JOB = r"""kind: job
domain: sales
source: crm
layer: staging
asset: customers
description: Loads "customers" every morning
tags:
  team: data
  cost: "4711"
run_as:
  service_principal_name: ${var.deployer}
schedule:
  quartz_cron_expression: 0 30 6 * * ?
  timezone_id: Europe/Berlin
  pause_status: UNPAUSED
max_concurrent_runs: 2
timeout_seconds: 7200
queue: true
performance_target: STANDARD
parameters:
  since: "2024-01-01"
  day: "{{job.start_time.iso_date}}"
email_notifications:
  on_failure: [data@example.com, "${var.on_call}"]
  no_alert_for_skipped_runs: true
webhook_notifications:
  on_success:
    - id: a1b2
permissions:
  - level: CAN_VIEW
    group_name: analysts
  - level: CAN_MANAGE
    user_name: ann@example.com
job_clusters:
  main:
    spark_version: 16.4.x-scala2.12
    node_type_id: i3.xlarge
    autoscale:
      min_workers: 1
      max_workers: 4
    data_security_mode: SINGLE_USER
    runtime_engine: PHOTON
    spark_conf:
      spark.sql.shuffle.partitions: "64"
    spark_env_vars:
      API_TOKEN: "{{secrets/crm/token}}"
environments:
  dbt:
    environment_version: "4"
    dependencies:
      - dbt-databricks==1.12.7
      - ./dist/*.whl
tasks:
  - task_key: load
    type: notebook
    notebook_path: src/sales/crm/raw/load.py
    base_parameters:
      day: "{{job.parameters.day}}"
    job_cluster_key: main
    libraries:
      - pypi: requests==2.32.3
      - maven: com.example:reader:1.2
      - whl: ./dist/*.whl
    max_retries: 2
    min_retry_interval_millis: 60000
    retry_on_timeout: false
    timeout_seconds: 1800
    email_notifications:
      on_start: [ann@example.com]
  - task_key: clean
    type: wheel
    package_name: platform
    entry_point: clean
    parameters: [--since, "2024"]
    environment_key: dbt
    depends_on: [load]
  - task_key: refresh
    type: pipeline
    pipeline: sales_crm_base_customers
    full_refresh: false
    depends_on: [clean]
  - task_key: build
    type: dbt
    description: The models of the source
    project_directory: transform
    commands:
      - dbt deps
      - dbt build --select crm
    warehouse_id: ${var.warehouse_id}
    environment_key: dbt
    depends_on: [refresh]
  - task_key: report
    type: sql
    path: src/sales/crm/final/report.sql
    warehouse_id: ${var.warehouse_id}
    parameters:
      top: "10"
    run_if: ALL_DONE
    depends_on: [build, clean]
"""

JOB_PATH = "specs/jobs/sales/crm/customers.yml"
JOB_DATA = {
    "name": "sales_crm_staging_customers",
    "description": 'Loads "customers" every morning',
    "tags": {"cost": "4711", "team": "data"},
    "run_as": {"service_principal_name": "${var.deployer}"},
    "schedule": {
        "quartz_cron_expression": "0 30 6 * * ?",
        "timezone_id": "Europe/Berlin",
        "pause_status": "UNPAUSED",
    },
    "max_concurrent_runs": 2,
    "timeout_seconds": 7200,
    "queue": {"enabled": True},
    "performance_target": "STANDARD",
    "parameters": [
        {"name": "day", "default": "{{job.start_time.iso_date}}"},
        {"name": "since", "default": "2024-01-01"},
    ],
    "email_notifications": {
        "on_failure": ["data@example.com", "${var.on_call}"],
        "no_alert_for_skipped_runs": True,
    },
    "webhook_notifications": {"on_success": [{"id": "a1b2"}]},
    "permissions": [
        {"level": "CAN_VIEW", "group_name": "analysts"},
        {"level": "CAN_MANAGE", "user_name": "ann@example.com"},
    ],
    "job_clusters": [
        {
            "job_cluster_key": "main",
            "new_cluster": {
                "spark_version": "16.4.x-scala2.12",
                "node_type_id": "i3.xlarge",
                "autoscale": {"min_workers": 1, "max_workers": 4},
                "data_security_mode": "SINGLE_USER",
                "runtime_engine": "PHOTON",
                "spark_conf": {"spark.sql.shuffle.partitions": "64"},
                "spark_env_vars": {"API_TOKEN": "{{secrets/crm/token}}"},
            },
        }
    ],
    "environments": [
        {
            "environment_key": "dbt",
            "spec": {"environment_version": "4", "dependencies": ["dbt-databricks==1.12.7", "./dist/*.whl"]},
        }
    ],
    "tasks": [
        {
            "task_key": "load",
            "notebook_task": {
                "notebook_path": "src/sales/crm/raw/load.py",
                "base_parameters": {"day": "{{job.parameters.day}}"},
            },
            "max_retries": 2,
            "min_retry_interval_millis": 60000,
            "retry_on_timeout": False,
            "timeout_seconds": 1800,
            "email_notifications": {"on_start": ["ann@example.com"]},
            "job_cluster_key": "main",
            "libraries": [
                {"pypi": {"package": "requests==2.32.3"}},
                {"maven": {"coordinates": "com.example:reader:1.2"}},
                {"whl": "./dist/*.whl"},
            ],
        },
        {
            "task_key": "clean",
            "depends_on": [{"task_key": "load"}],
            "python_wheel_task": {
                "package_name": "platform",
                "entry_point": "clean",
                "parameters": ["--since", "2024"],
            },
            "environment_key": "dbt",
        },
        {
            "task_key": "refresh",
            "depends_on": [{"task_key": "clean"}],
            "pipeline_task": {
                "pipeline_id": "${resources.pipelines.sales_crm_base_customers_pipeline.id}",
                "full_refresh": False,
            },
        },
        {
            "task_key": "build",
            "description": "The models of the source",
            "depends_on": [{"task_key": "refresh"}],
            "dbt_task": {
                "project_directory": "transform",
                "commands": ["dbt deps", "dbt build --select crm"],
                "warehouse_id": "${var.warehouse_id}",
                "catalog": "sales",
                "schema": "crm",
            },
            "environment_key": "dbt",
        },
        {
            "task_key": "report",
            "depends_on": [{"task_key": "build"}, {"task_key": "clean"}],
            "sql_task": {
                "warehouse_id": "${var.warehouse_id}",
                "file": {"path": "src/sales/crm/final/report.sql"},
                "parameters": {"top": "10"},
            },
            "run_if": "ALL_DONE",
        },
    ],
}

PIPELINE = r"""kind: pipeline
domain: sales
source: crm
layer: base
asset: customers
libraries:
  - layer: raw
    include: customers/**
  - layer: base
  - {layer: base, include: more/extra.sql}
serverless: false
clusters:
  - label: default
    node_type_id: i3.xlarge
    autoscale: {min_workers: 1, max_workers: 5}
    spark_conf: {spark.x: "1"}
  - label: maintenance
    num_workers: 1
photon: true
edition: ADVANCED
channel: PREVIEW
continuous: false
configuration:
  since: "2024-01-01"
environment:
  dependencies: [pyyaml==6.0.2]
notifications:
  - email_recipients: [data@example.com]
    alerts: [on-update-failure]
permissions:
  - level: CAN_RUN
    group_name: analysts
"""

PIPELINE_PATH = "specs/pipelines/sales/crm/customers.yml"
PIPELINE_DATA = {
    "name": "sales_crm_base_customers",
    "catalog": "sales",
    "schema": "crm",
    "serverless": False,
    "photon": True,
    "edition": "ADVANCED",
    "channel": "PREVIEW",
    "continuous": False,
    "configuration": {"since": "2024-01-01"},
    "environment": {"dependencies": ["pyyaml==6.0.2"]},
    "notifications": [{"email_recipients": ["data@example.com"], "alerts": ["on-update-failure"]}],
    "clusters": [
        {
            "label": "default",
            "node_type_id": "i3.xlarge",
            "autoscale": {"min_workers": 1, "max_workers": 5},
            "spark_conf": {"spark.x": "1"},
        },
        {"label": "maintenance", "num_workers": 1},
    ],
    "root_path": "src/sales/crm",
    "libraries": [
        {"glob": {"include": "src/sales/crm/raw/customers/**"}},
        {"glob": {"include": "src/sales/crm/base/**"}},
        {"glob": {"include": "src/sales/crm/base/more/extra.sql"}},
    ],
    "permissions": [{"level": "CAN_RUN", "group_name": "analysts"}],
}

SMALL_PIPELINE = """kind: pipeline
domain: sales
source: crm
layer: raw
asset: orders
"""

CODE = (
    *("src/sales/crm/raw/load.py", "src/sales/crm/raw/customers/a.py", "src/sales/crm/base/more/extra.sql"),
    *("src/sales/crm/final/report.sql", "transform/dbt_project.yml"),
)
"""The files that both specs name."""

VARIABLES = "  deployer:\n    default: robot\n  on_call:\n    default: a@b.cd\n"
"""The variables that they name, which a new bundle does not have, at the end of its `databricks.yml`."""

MORE_SPECS = {
    "specs/jobs/sales/crm/arrival.yml": r"""kind: job
domain: sales
source: crm
layer: raw
asset: arrival
run_as: {user_name: ann@example.com}
trigger:
  file_arrival:
    url: /Volumes/sales/crm/files/
    min_time_between_triggers_seconds: 60
    wait_after_last_change_seconds: 90
  pause_status: PAUSED
email_notifications:
  on_start: [a@b.cd]
  on_success: [a@b.cd]
  on_duration_warning_threshold_exceeded: [a@b.cd]
webhook_notifications:
  on_start: [{id: a}]
  on_failure: [{id: b}]
permissions: [{level: IS_OWNER, service_principal_name: robot}]
job_clusters:
  pool:
    spark_version: 16.4.x-scala2.12
    instance_pool_id: pool
    num_workers: 0
    policy_id: policy
    single_user_name: ann@example.com
    custom_tags: {a: b}
  machines:
    spark_version: 16.4.x-scala2.12
    node_type_id: i3.xlarge
    driver_node_type_id: i3.2xlarge
tasks:
  - task_key: a
    type: notebook
    notebook_path: src/sales/crm/raw/a.sql
    warehouse_id: w
    webhook_notifications: {on_failure: [{id: c}]}
  - {task_key: b, type: notebook, notebook_path: src/a.py, existing_cluster_id: c}
  - task_key: c
    type: wheel
    package_name: platform
    entry_point: main
    named_parameters: {a: b}
    existing_cluster_id: c
    description: A wheel
    libraries: [{jar: a.jar}, {requirements: ./requirements.txt}]
  - {task_key: d, type: wheel, package_name: platform, entry_point: main, job_cluster_key: pool}
  - {task_key: e, type: pipeline, pipeline_id: "123", full_refresh_selection: [a]}
  - {task_key: f, type: pipeline, pipeline_id: "123", refresh_selection: [a]}
  - task_key: g
    type: dbt
    project_directory: transform
    commands: [dbt build]
    warehouse_id: w
    job_cluster_key: machines
    libraries: [{pypi: dbt-databricks}]
  - {task_key: h, type: dbt, project_directory: transform, commands: [dbt], warehouse_id: w, existing_cluster_id: c}
""",
    "specs/jobs/sales/crm/updates.yml": r"""kind: job
domain: sales
source: crm
layer: base
asset: updates
trigger:
  table_update:
    table_names: [sales.crm.a]
    condition: ANY_UPDATED
    min_time_between_triggers_seconds: 60
    wait_after_last_change_seconds: 90
environments: {e: {environment_version: "4"}}
tasks: [{task_key: a, type: notebook, notebook_path: src/a.py, environment_key: e}]
""",
    "specs/jobs/sales/crm/daily.yml": r"""kind: job
domain: sales
source: crm
layer: base
asset: daily
trigger: {periodic: {interval: 1, unit: DAYS}}
tasks: [{task_key: a, type: notebook, notebook_path: src/a.py}]
""",
    "specs/jobs/sales/crm/always.yml": r"""kind: job
domain: sales
source: crm
layer: final
asset: always
continuous: {pause_status: PAUSED, task_retry_mode: ON_FAILURE}
tasks: [{task_key: a, type: notebook, notebook_path: src/a.py}]
""",
    "specs/pipelines/sales/crm/pool.yml": r"""kind: pipeline
domain: sales
source: crm
layer: final
asset: pool
tags: {a: b}
run_as: {user_name: ann@example.com}
serverless: false
clusters:
  - label: updates
    instance_pool_id: pool
    policy_id: policy
    num_workers: 2
    spark_env_vars: {A: b}
    custom_tags: {a: b}
  - label: maintenance
    node_type_id: i3.xlarge
    driver_node_type_id: i3.xlarge
permissions: [{level: IS_OWNER, service_principal_name: robot}, {level: CAN_VIEW, user_name: ann@example.com}]
""",
}
"""Specs with everything that the first two lack."""
