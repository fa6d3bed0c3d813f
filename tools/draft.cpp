// A transaction on its way from one signer to the next.
#include "tools/ledger_session.hpp"

#include "node/files.hpp"
#include "node/tx/envelope.hpp"
#include "runtime/json_reader.hpp"
#include "runtime/json_text.hpp"
#include "vm/bytecode/limits.hpp"

#include <algorithm>
#include <filesystem>

namespace tally {
namespace {

NodeError bad(std::string detail) { return {NodeCode::BadInput, std::move(detail)}; }

bool read_signatures(const Json& json, std::map<std::string, Signature>& out) {
    for (std::size_t i = 0; i < json.names.size(); ++i) {
        Bytes bytes;
        Signature& signature = out[json.names[i]];
        if (!unhex(json.items[i].text, bytes) || bytes.size() != signature.size()) return false;
        std::copy(bytes.begin(), bytes.end(), signature.begin());
    }
    return true;
}

} // namespace

Result<Draft> Draft::read(const std::string& path) {
    const auto text = read_file(path, 4 * limits::deploy_bytes);
    if (!text) return text.error();
    const auto json = parse_json(*text);
    const Json* const body = json ? json->member("body") : nullptr;
    const Json* const signers = json ? json->member("signers") : nullptr;
    const Json* const signatures = json ? json->member("signatures") : nullptr;
    Draft out;
    const bool whole = body != nullptr && signers != nullptr && signatures != nullptr && unhex(body->text, out.body) && read_signatures(*signatures, out.signatures);
    if (!whole) return bad(path + " is no draft of a transaction");
    for (const Json& name : signers->items) {
        // A name becomes a key file's: a draft comes from others and must not lead out of the folder.
        if (name.text.empty() || name.text[0] == '.' || name.text.find('/') != std::string::npos) return bad(path + " names a signer who cannot be");
        out.signers.push_back(name.text);
    }
    return out;
}

Problem Draft::write(const std::string& path) const {
    JsonArray names;
    for (const std::string& name : signers)
        names.raw(json_quoted(name));
    JsonObject signed_by;
    for (const auto& [name, signature] : signatures)
        signed_by.text(name, hex(signature));
    const std::string text = JsonObject().text("body", hex(body)).raw("signers", names.done()).raw("signatures", signed_by.done()).done() + "\n";
    std::error_code ignored;
    std::filesystem::remove(path + ".new", ignored);
    if (auto problem = write_new_file(path + ".new", text, 0644)) return problem;
    std::filesystem::rename(path + ".new", path, ignored);
    return ignored ? Problem(NodeError{NodeCode::CannotWrite, ignored.message()}) : std::nullopt;
}

Problem Draft::sign_with(const std::string& folder) {
    for (const std::string& name : signers) {
        if (signatures.contains(name) || !std::filesystem::exists(folder + "/" + name + ".key")) continue;
        const auto key = read_key(folder, name);
        if (!key) return key.error();
        signatures[name] = sign(*key, signing_hash(body));
    }
    return std::nullopt;
}

std::vector<std::string> Draft::missing() const {
    std::vector<std::string> out;
    for (const std::string& name : signers)
        if (!signatures.contains(name)) out.push_back(name);
    return out;
}

Bytes Draft::envelope() const {
    ByteWriter out;
    out.bytes(body);
    for (const std::string& name : signers)
        out.raw(signatures.at(name));
    return out.take();
}

} // namespace tally
