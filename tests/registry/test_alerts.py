"""The alerts, run by Prometheus' own tool on made-up series: each fires where it should, and there alone."""

import json
import subprocess
from pathlib import Path
from typing import Any

import yaml

from tests.servers import promtool

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "moorings.rules.yaml"
DASHBOARD = DEPLOY / "grafana" / "moorings.json"
MINUTES = 150
JOB = 'job="moorings", instance="one"'
OTHER = 'job="moorings", instance="two"'


def steady(rate: float, begin: float = 0) -> str:
    """A counter that rises by *rate* a minute, or a gauge that does not move."""
    return f"{begin}+{rate}x{MINUTES}"


def later(rate: float) -> str:
    """A counter that stands still for an hour before it rises by *rate* a minute."""
    return f"0x60 0+{rate}x{MINUTES - 60}"


HEALTHY = {
    f'moorings_refusals_total{{{JOB}, code="TOO_MANY_FAILURES"}}': steady(0),
    f"up{{{JOB}}}": steady(0, 1),
    f"moorings_build_info{{{JOB}, version=\"1\"}}": steady(0, 1),
    f"moorings_build_info{{{OTHER}, version=\"1\"}}": steady(0, 1),
    f"moorings_ledger_away_seconds{{{JOB}}}": steady(0),
    f"moorings_ledger_position{{{JOB}}}": steady(50),
    f"moorings_ledger_position{{{OTHER}}}": steady(50, -40),
    f"moorings_ledger_failures_total{{{JOB}, operation=\"append\", code=\"LEDGER_UNAVAILABLE\"}}": steady(0),
    f"moorings_ledger_failures_total{{{JOB}, operation=\"read\", code=\"LEDGER_UNAVAILABLE\"}}": steady(1),
    f"moorings_ledger_failures_total{{{JOB}, operation=\"read\", code=\"LEDGER_TOO_NEW\"}}": steady(0),
    f"moorings_ledger_failures_total{{{JOB}, operation=\"read\", code=\"LEDGER_HISTORY_LOST\"}}": steady(0),
    f"moorings_ledger_entries_in_doubt_total{{{JOB}}}": steady(0),
    f"moorings_ledger_skipped_records{{{JOB}, reason=\"lost\"}}": steady(60),
    f"moorings_ledger_skipped_records{{{JOB}, reason=\"foreign\"}}": steady(0),
    f"moorings_ledger_skipped_records{{{JOB}, reason=\"unreadable\"}}": steady(0, 3),
    f"moorings_ledger_append_seconds_count{{{JOB}}}": steady(60),
    f"moorings_ledger_append_seconds_bucket{{{JOB}, le=\"0.1\"}}": steady(60),
    f"moorings_ledger_append_seconds_bucket{{{JOB}, le=\"2.5\"}}": steady(60),
    f"moorings_ledger_append_seconds_bucket{{{JOB}, le=\"+Inf\"}}": steady(60),
    f"moorings_ledger_races_lost_total{{{JOB}}}": steady(60),
    f"moorings_ledger_delay_seconds_bucket{{{JOB}, le=\"0.1\"}}": steady(60),
    f"moorings_ledger_delay_seconds_bucket{{{JOB}, le=\"10\"}}": steady(60),
    f"moorings_ledger_delay_seconds_bucket{{{JOB}, le=\"+Inf\"}}": steady(60),
    f"moorings_http_requests_total{{{JOB}, status=\"200\"}}": steady(600),
    f"moorings_http_requests_total{{{JOB}, status=\"503\"}}": steady(1),
    f"moorings_checks_total{{{JOB}, format=\"AVRO\", verdict=\"compatible\"}}": steady(100),
    f"moorings_checks_total{{{JOB}, format=\"AVRO\", verdict=\"undecided\"}}": steady(1),
    f"moorings_check_seconds_bucket{{{JOB}, format=\"AVRO\", le=\"0.1\"}}": steady(60),
    f"moorings_check_seconds_bucket{{{JOB}, format=\"AVRO\", le=\"5\"}}": steady(60),
    f"moorings_check_seconds_bucket{{{JOB}, format=\"AVRO\", le=\"+Inf\"}}": steady(60),
    f"moorings_domain_checks_total{{{JOB}, domain=\"shop\", verdict=\"compatible\"}}": steady(100),
    f"moorings_domain_checks_total{{{JOB}, domain=\"shop\", verdict=\"undecided\"}}": steady(1),
    f"moorings_domain_drift_observations_total{{{JOB}, domain=\"shop\", direction=\"consume\"}}": steady(1),
    f"moorings_exporter_lag_entries{{{JOB}, exporter=\"eu\"}}": steady(0, 200),
    f"moorings_exporter_failing{{{JOB}, exporter=\"eu\"}}": steady(0),
    f"moorings_sign_in_faults_total{{{JOB}, fault=\"expired\"}}": steady(1),
    f"moorings_issuer_away_seconds{{{JOB}, issuer=\"ci\"}}": steady(0),
    f"moorings_tls_certificate_expires_seconds{{{JOB}}}": steady(0, 90 * 86_400),
    f"moorings_tls_certificate_expires_seconds{{{OTHER}}}": steady(0),  # it serves without TLS
    f"moorings_webhook_lag_entries{{{JOB}}}": steady(0, 100),
    f"moorings_webhook_dead_letters_total{{{JOB}}}": steady(0),
    f"moorings_base_write_failures_total{{{JOB}}}": steady(0),
    f"moorings_bases_thrown_away_total{{{JOB}}}": steady(0),
    f"moorings_telemetry_spans_dropped_total{{{JOB}}}": steady(0),
    f"moorings_telemetry_exports_total{{{JOB}, outcome=\"taken\"}}": steady(12),
    f"moorings_telemetry_exports_total{{{JOB}, outcome=\"failed\"}}": steady(0),
    f"moorings_log_lines_total{{{JOB}, level=\"warning\", event=\"export_failed\"}}": steady(1),
}  # fmt: skip
"""What nobody is called for; parts of names tell a case what of it is different."""

FIRES: dict[str, list[tuple[dict[str, str], int]]] = {
    "MooringsDown": [({"up{": "1x10 0x140"}, 14)],
    "MooringsLedgerAway": [({"ledger_away": f"0x10 0+60x{MINUTES}"}, 14)],
    "MooringsHistoryLost": [({"LEDGER_HISTORY_LOST": later(1)}, 64)],
    "MooringsLedgerTooNew": [({"LEDGER_TOO_NEW": later(1)}, 80)],
    "MooringsReleasesDiffer": [({'two", version="1"': "1x10 stale", 'two", version="2"': "_x10 1x140"}, 140)],
    "MooringsAppendsFail": [({'operation="append"': later(1)}, 70)],
    "MooringsEntriesInDoubt": [({"in_doubt": "0x60 1x90"}, 62)],
    "MooringsSlowAppends": [({'append_seconds_bucket{job="moorings", instance="one", le="0.1"': steady(1)}, 30)],
    "MooringsManyRaces": [({"races_lost": steady(400)}, 50)],
    "MooringsFollowsSlowly": [({'delay_seconds_bucket{job="moorings", instance="one", le="0.1"': steady(1)}, 40)],
    "MooringsNodesApart": [({'position{job="moorings", instance="two"': "0x150"}, 20)],
    "MooringsServerErrors": [({'status="503"': steady(60)}, 20)],
    "MooringsUndecidedChecks": [({'AVRO", verdict="undecided"': steady(20)}, 130)],
    "MooringsUndecidedInDomain": [({'shop", verdict="undecided"': steady(60)}, 130)],
    "MooringsSlowChecks": [({'AVRO", le="0.1"': steady(1)}, 60)],
    "MooringsDrift": [({"drift": steady(10)}, 130)],
    "MooringsExporterFails": [({"exporter_failing": "0x10 1x140"}, 30)],
    "MooringsExporterBehind": [({"exporter_lag": steady(100)}, 40)],
    "MooringsCredentialsRefused": [({"sign_in": steady(20)}, 30)],
    "MooringsCallersShutOut": [({"refusals": later(5)}, 80)],
    "MooringsIssuerAway": [({"issuer_away": steady(60)}, 30)],
    "MooringsIssuerAwayForLong": [({"issuer_away": steady(0, 70_000)}, 1)],
    "MooringsCertificateEnds": [({"expires_seconds{job=\"moorings\", instance=\"one\"": steady(0, 86_400)}, 70)],
    "MooringsWebhookBehind": [({"webhook_lag": steady(100)}, 40)],
    "MooringsWebhookGivesUp": [({"dead_letters": "0x60 1x90"}, 62)],
    "MooringsBasesNotWritten": [({"base_write": steady(0.2)}, 100)],
    "MooringsBaseThrownAway": [({"thrown_away": "0x60 1x90"}, 62)],
    "MooringsTelemetryDropped": [({"dropped": later(1)}, 80), ({'outcome="failed"': later(1)}, 80)],
    "MooringsForeignRecords": [({'reason="foreign"': "0x60 1x90"}, 61), ({'reason="unreadable"': "3x60 4x90"}, 61)],
    "MooringsErrorsLogged": [
        ({'level="error", event="unforeseen"': "_x60 1x90"}, 61),  # a series begins with its first line
        ({'level="error", event="unforeseen"': "1x60 2x90"}, 62),
    ],
}  # fmt: skip
ALONGSIDE = {"MooringsIssuerAwayForLong": set(), "MooringsUndecidedInDomain": set()}
"""What fires along with another one."""


def test_each_alert_fires_where_it_should_and_there_alone(tmp_path: Path) -> None:
    named = {rule["alert"] for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]}
    assert set(FIRES) == named
    cases = [_case({}, MINUTES - 10, set())]
    for alert, ways in FIRES.items():
        cases += [_case(different, minute, {alert} | ALONGSIDE.get(alert, set())) for different, minute in ways]
    (tmp_path / "cases.json").write_text(
        json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": cases})
    )
    done = subprocess.run(
        [promtool(), "test", "rules", tmp_path / "cases.json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_rules_are_valid_and_a_wrong_one_is_not(tmp_path: Path) -> None:
    checked = subprocess.run([promtool(), "check", "rules", RULES], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(RULES.read_text().replace("sum by (instance)", "sum by instance)", 1))
    assert subprocess.run([promtool(), "check", "rules", wrong], capture_output=True, check=False).returncode != 0


def test_every_panel_of_the_dashboard_asks_a_valid_question(tmp_path: Path) -> None:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    asked = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    for variable, value in (("$__rate_interval", "1m"), ("$__range", "1h"), ("$job", "moorings")):
        asked = [one.replace(variable, value) for one in asked]
    rules = [{"record": f"asked:{number}", "expr": one} for number, one in enumerate(asked)]
    (tmp_path / "asked.json").write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    checked = subprocess.run(
        [promtool(), "check", "rules", tmp_path / "asked.json"], capture_output=True, text=True, check=False
    )
    assert len(asked) > 40
    assert checked.returncode == 0, checked.stdout + checked.stderr


def _case(different: dict[str, str], minute: int, firing: set[str]) -> dict[str, Any]:
    series = dict(HEALTHY)
    for part, values in different.items():
        names = [name for name in HEALTHY if part in name]
        series[names[0] if names else _new(part)] = values
        assert len(names) <= 1, part
    return {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": 'count by (alertname) (ALERTS{alertstate="firing"})',
                "eval_time": f"{minute}m",
                "exp_samples": [{"labels": f'{{alertname="{one}"}}', "value": 1} for one in sorted(firing)],
            }
        ],
    }


def _new(labels: str) -> str:
    """The name of a series that is not there where all is well."""
    if labels.startswith("two"):
        return f'moorings_build_info{{job="moorings", instance="{labels}}}'
    return f"moorings_log_lines_total{{{JOB}, {labels}}}"
