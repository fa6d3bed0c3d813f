"""Certificates for tests, made with the openssl command."""
import os
import subprocess


def openssl(*arguments, cwd):
    done = subprocess.run(["openssl", *arguments], cwd=cwd, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"openssl {' '.join(arguments)}: {done.stderr}")
    return done.stdout


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder, name):
        self.folder, self.name, self.file = folder, name, f"{folder}/{name}.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem", "-days", "3650", "-subj", f"/CN={name}",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign", cwd=folder)

    def sign(self, name, usage="clientAuth", days=365, not_after=None, subject=None):
        """Files of a certificate and its key."""
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject or f"/O=Test/CN={name}", cwd=self.folder)
        with open(f"{self.folder}/{name}.ext", "w") as file:
            file.write(f"extendedKeyUsage={usage}\nsubjectAltName=IP:127.0.0.1,DNS:localhost\nbasicConstraints=CA:FALSE\n")
        if not_after: # `openssl x509` takes whole days from now only
            self.sign_until(name, not_after)
        else:
            openssl("x509", "-req", "-in", f"{name}.csr", "-CA", f"{self.name}.pem", "-CAkey", f"{self.name}.key", "-CAcreateserial", "-out", f"{name}.pem", "-days", str(days), "-extfile", f"{name}.ext", cwd=self.folder)
        os.chmod(f"{self.folder}/{name}.key", 0o600)
        return f"{self.folder}/{name}.pem", f"{self.folder}/{name}.key"

    def sign_until(self, name, not_after):
        """`not_after`: YYYYMMDDHHMMSSZ, also in the past."""
        with open(f"{self.folder}/ca.cnf", "w") as file:
            file.write(f"[ca]\ndefault_ca=it\n[it]\ndatabase=index\nnew_certs_dir=.\ncertificate={self.name}.pem\nprivate_key={self.name}.key\nrand_serial=yes\ndefault_md=sha256\npolicy=any\nunique_subject=no\n[any]\ncommonName=supplied\norganizationName=optional\n")
        open(f"{self.folder}/index", "w").close()
        openssl("ca", "-batch", "-config", "ca.cnf", "-in", f"{name}.csr", "-out", f"{name}.pem", "-startdate", "20200101000000Z", "-enddate", not_after, "-extfile", f"{name}.ext", "-notext", cwd=self.folder)

    def fingerprint(self, certificate):
        return openssl("x509", "-in", certificate, "-noout", "-fingerprint", "-sha256", cwd=self.folder).split("=")[1].strip().replace(":", "").lower()
