"""Checks of infrastructure scanners that look for one and the same thing, and how their ids are spelled.

Sources: the check names of Checkov 3.3 (`checkov --list`), the metadata of aquasecurity/trivy-checks (id, aliases,
short code; tfsec shares them), hadolint's rules. Only pairs whose names ask for the same are here.
"""

from __future__ import annotations

import re

EQUIVALENTS = {
    "docker-root": "CKV_DOCKER_3 CKV_DOCKER_8 DS-0002 DL3002",
    "docker-latest": "CKV_DOCKER_7 DS-0001 DL3006 DL3007",
    "docker-add": "CKV_DOCKER_4 DS-0005 DL3020",
    "docker-healthcheck": "CKV_DOCKER_2 DS-0026 DL3057",
    "docker-ssh-port": "CKV_DOCKER_1 DS-0004",
    "docker-update-alone": "CKV_DOCKER_5 DS-0017",
    "docker-maintainer": "CKV_DOCKER_6 DS-0022 DL4000",
    "docker-workdir": "CKV_DOCKER_10 DS-0009 DL3000",
    "docker-alias": "CKV_DOCKER_11 DS-0012 DL3024",
    "docker-sudo": "CKV2_DOCKER_1 DS-0010 DL3004",
    "docker-copy-own-alias": "DS-0006 DL3023",
    "docker-port-range": "DS-0008 DL3011",
    "docker-copy-slash": "DS-0011 DL3021",
    "docker-cd": "DS-0013 DL3003",
    "docker-wget-curl": "DS-0014 DL4001",
    "docker-yum-clean": "DS-0015 DL3032",
    "docker-many-cmd": "DS-0016 DL4003",
    "docker-many-entrypoint": "DS-0007 DL4004",
    "docker-zypper-clean": "DS-0019 DL3036",
    "docker-apt-get-yes": "DS-0021 DL3014",
    "docker-many-healthcheck": "DS-0023 DL3012",
    "docker-no-recommends": "DS-0029 DL3015",
    "k8s-privilege-escalation": "CKV_K8S_20 KSV-0001",
    "k8s-sys-admin": "CKV_K8S_39 KSV-0005",
    "k8s-docker-socket": "CKV_K8S_27 KSV-0006",
    "k8s-host-ipc": "CKV_K8S_18 KSV-0008",
    "k8s-host-network": "CKV_K8S_19 KSV-0009",
    "k8s-host-pid": "CKV_K8S_17 KSV-0010",
    "k8s-cpu-limit": "CKV_K8S_11 KSV-0011",
    "k8s-root": "CKV_K8S_23 KSV-0012",
    "k8s-image-tag": "CKV_K8S_14 KSV-0013",
    "k8s-read-only": "CKV_K8S_22 KSV-0014",
    "k8s-cpu-request": "CKV_K8S_10 KSV-0015",
    "k8s-memory-request": "CKV_K8S_12 KSV-0016",
    "k8s-privileged": "CKV_K8S_16 KSV-0017",
    "k8s-memory-limit": "CKV_K8S_13 KSV-0018",
    "k8s-high-uid": "CKV_K8S_40 KSV-0020",
    "k8s-host-port": "CKV_K8S_26 KSV-0024",
    "k8s-seccomp": "CKV_K8S_31 KSV-0030",
    "s3-block-public-acls": "CKV_AWS_53 AWS-0086 aws-s3-block-public-acls",
    "s3-block-public-policy": "CKV_AWS_54 AWS-0087 aws-s3-block-public-policy",
    "s3-encryption": "CKV_AWS_19 AWS-0088 aws-s3-enable-bucket-encryption",
    "s3-logging": "CKV_AWS_18 AWS-0089 aws-s3-enable-bucket-logging",
    "s3-versioning": "CKV_AWS_21 AWS-0090 aws-s3-enable-versioning",
    "s3-ignore-public-acls": "CKV_AWS_55 AWS-0091 aws-s3-ignore-public-acls",
    "s3-public-acl": "CKV_AWS_20 CKV_AWS_57 AWS-0092 aws-s3-no-public-access-with-acl",
    "s3-restrict-public": "CKV_AWS_56 AWS-0093 aws-s3-no-public-buckets",
    "s3-public-access-block": "CKV2_AWS_6 AWS-0094 aws-s3-specify-public-access-block",
    "sg-public-ingress": "CKV_AWS_24 AWS-0107 aws-ec2-no-public-ingress-sgr aws-vpc-no-public-ingress-sgr",
    "sg-public-egress": "CKV_AWS_382 AWS-0104 aws-ec2-no-public-egress-sgr aws-vpc-no-public-egress-sgr",
    "ec2-imds": "CKV_AWS_79 AWS-0028 aws-ec2-enforce-http-token-imds",
    "ebs-encryption": "CKV_AWS_3 AWS-0026 aws-ebs-enable-volume-encryption aws-ec2-enable-volume-encryption",
    "rds-encryption": "CKV_AWS_16 AWS-0080 aws-rds-encrypt-instance-storage-data",
    "kms-rotation": "CKV_AWS_7 AWS-0065 aws-kms-auto-rotate-keys",
    "cloudtrail-regions": "CKV_AWS_67 AWS-0014 aws-cloudtrail-enable-all-regions",
    "cloudtrail-validation": "CKV_AWS_36 AWS-0016 aws-cloudtrail-enable-log-validation",
    "ecr-scan": "CKV_AWS_163 AWS-0030 aws-ecr-enable-image-scans",
    "ecr-immutable": "CKV_AWS_51 AWS-0031 aws-ecr-enforce-immutable-repository",
}
"""Family -> ids of the checks for it."""

_NUMBERED = re.compile(r"(?:AVD-)?(AWS|AZU|GCP|GIT|DIG|NIF|OPNSTK|ORACLE|KSV|KCV|DS|DL|SC)-?0*([0-9]{1,5})", re.I)
_CHECKOV = re.compile(r"CKV[0-9]?_[A-Z0-9]+_[0-9]{1,5}", re.I)
_PLATFORMS = ("aws-", "azure-", "google-", "digitalocean-", "github-", "kubernetes-", "openstack-", "oracle-")


def check_id(rule: str) -> str:
    """One spelling of an infrastructure check: `AVD-DS-0002`, `DS-0002` and `DS002` are `DS-2`. "" for other rules."""
    numbered = _NUMBERED.fullmatch(rule)
    if numbered:
        return f"{numbered[1].upper()}-{numbered[2]}"
    if _CHECKOV.fullmatch(rule):
        return rule.upper()
    return rule if rule.startswith(_PLATFORMS) else ""


_FAMILIES = {check_id(rule): family for family, rules in EQUIVALENTS.items() for rule in rules.split()}


def check_family(rule: str) -> str:
    """The name all equivalent checks share, else the check's own id; "" for a rule that is no infrastructure check."""
    found = check_id(rule)
    return _FAMILIES.get(found, found)
