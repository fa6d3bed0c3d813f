#include "tools/ledger_session.hpp"

#include "node/arguments.hpp"
#include "runtime/json_text.hpp"
#include "vm/bytecode/encode.hpp"
#include "vm/bytecode/limits.hpp"
#include "vm/value/decimal_text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <sys/stat.h>

namespace tally {
namespace {

constexpr u64 expiry_ahead = 1000; ///< blocks

NodeError bad(std::string detail) { return {NodeCode::BadInput, std::move(detail)}; }

IntentId random_intent() {
    const KeySeed random = random_seed();
    IntentId intent{};
    std::copy_n(random.begin(), intent.size(), intent.begin());
    return intent;
}

std::string indent(int depth) {
    return "\n" + std::string(static_cast<std::size_t>(depth) * 2, ' ');
}

std::string pretty_at(const Json& tree, int depth) {
    const bool object = tree.kind == Json::Kind::Object;
    if ((!object && tree.kind != Json::Kind::Array) || tree.items.empty()) return json_text(tree);
    std::string out = object ? "{" : "[";
    for (std::size_t i = 0; i < tree.items.size(); ++i) {
        if (i != 0) out += ",";
        out += indent(depth + 1);
        if (object) out += json_quoted(tree.names[i]) + ": ";
        out += pretty_at(tree.items[i], depth + 1);
    }
    return out + indent(depth) + (object ? "}" : "]");
}

} // namespace

std::string pretty(const Json& tree) { return pretty_at(tree, 0); }

int complain(const NodeError& error) {
    fmt::print(stderr, "tally: {}\n", error.line());
    return exit_refused;
}

int show(const LedgerSession& session, const Result<SubmitAnswer>& answer) {
    if (!answer) {
        fmt::print(stderr, "tally: intent {}\n", session.intent());
        return complain(answer.error());
    }
    if (answer->rejected) return complain(*answer->rejected);
    if (answer->trap != Trap::None) {
        const TrapInfo* const info = trap_info(answer->trap);
        const std::string_view name = info != nullptr ? info->name : "Unknown";
        const std::string what = answer->error.empty() ? std::string(name) : answer->error;
        const Json* const fields = answer->json.member("error_fields");
        if (fields != nullptr && fields->kind == Json::Kind::Object)
            fmt::print(stderr, "{}\n", pretty(*fields));
        // The note of a trap begins with its name.
        const bool named = answer->note.starts_with(what);
        return complain(
            {NodeCode::TransactionFailed, named ? answer->note : what + ", " + answer->note});
    }
    fmt::print("final at height {}, gas {}, intent {}\n", answer->height, answer->gas_used,
               session.intent());
    if (answer->created != 0) fmt::print("created {}\n", answer->created);
    if (!answer->code.empty()) fmt::print("code {}\n", answer->code);
    const Json* const result = answer->json.member("result");
    if (result != nullptr && result->kind != Json::Kind::Null)
        fmt::print("result {}\n", pretty(*result));
    const Json* const events = answer->json.member("events");
    if (events == nullptr) return 0;
    for (const Json& event : events->items)
        fmt::print("event {} {}\n", text_in(event, "name"),
                   event.member("fields") != nullptr ? json_text(*event.member("fields")) : "");
    return 0;
}

int send_transaction(const LedgerOptions& options, const std::function<Result<Payload>(LedgerSession&)>& make) {
    auto session = LedgerSession::open(options);
    if (!session) return complain(session.error());
    auto payload = make(*session);
    if (!payload) return complain(payload.error());
    if (options.draft.empty()) return show(*session, session->submit(std::move(*payload)));
    auto draft = session->draft(std::move(*payload));
    if (!draft) return complain(draft.error());
    if (const auto problem = draft->sign_with(options.keys)) return complain(*problem);
    if (const auto problem = draft->write(options.draft)) return complain(*problem);
    fmt::print("{}, intent {}; signatures missing: {}\n", options.draft, session->intent(), draft->missing().size());
    return 0;
}

Result<SigningKey> read_key(const std::string& folder, const std::string& name) {
    const std::string path = folder + "/" + name + ".key";
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) return NodeError{NodeCode::BadKeyFile, path};
    if ((status.st_mode & 077U) != 0)
        return NodeError{NodeCode::BadKeyFile, path + " is readable by others: chmod 600 " + path};
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    const std::size_t colon = line.find(':');
    const auto scheme = colon == std::string::npos ? SignatureScheme::Ed25519 : scheme_by_name(line.substr(0, colon));
    Bytes bytes;
    KeySeed seed{};
    if (!scheme || !unhex(colon == std::string::npos ? line : line.substr(colon + 1), bytes) || bytes.size() != seed.size())
        return NodeError{NodeCode::BadKeyFile, path + " does not hold 64 hexadecimal digits"};
    std::copy(bytes.begin(), bytes.end(), seed.begin());
    return signing_key(seed, *scheme);
}

Result<LedgerSession> LedgerSession::open(const LedgerOptions& options) {
    auto client = Client::connect(options.node, options.tls);
    if (!client) return client.error();
    LedgerSession session(options, std::move(*client));
    session.intent_ = options.intent.empty() ? hex(random_intent()) : options.intent;
    return session;
}

Result<Draft> LedgerSession::draft(Payload payload) {
    if (options_.signers.empty()) return bad("name who signs: --as NAME[,NAME]");
    const auto status = client_.get("/v1/status");
    if (!status) return status.error();
    Transaction transaction;
    for (const std::string& name : options_.signers) {
        const auto id = party(name);
        if (!id) return id.error();
        transaction.signers.push_back(*id);
    }
    Bytes intent;
    if (!unhex(intent_, intent) || intent.size() != transaction.intent.size())
        return bad("an intent is 32 hexadecimal digits");
    std::copy(intent.begin(), intent.end(), transaction.intent.begin());
    transaction.expiry = number_in(*status, "height") + expiry_ahead;
    transaction.gas_limit = options_.gas_limit != 0 ? options_.gas_limit : limits::transaction_gas;
    transaction.payload = std::move(payload);
    return Draft{encode_body(text_in(*status, "chain"), transaction), options_.signers, {}};
}

Result<SubmitAnswer> LedgerSession::submit(Payload payload) {
    auto made = draft(std::move(payload));
    if (!made) return made.error();
    for (const std::string& name : made->signers) {
        const auto key = read_key(options_.keys, name);
        if (!key) return key.error();
        made->signatures[name] = sign(*key, signing_hash(made->body));
    }
    return submit(*made);
}

Result<SubmitAnswer> LedgerSession::submit(const Draft& draft) {
    const std::vector<Bytes> batch{draft.envelope()};
    auto answers = client_.submit(batch);
    if (!answers) return answers.error();
    return std::move(answers->front());
}

Result<PartyId> LedgerSession::party(const std::string& name) {
    const auto answer = client_.get("/v1/parties/" + url_escaped(name));
    if (!answer) return answer.error();
    const Json* const found = answer->member("party");
    if (found == nullptr) return NodeError{NodeCode::BadAnswer, {}};
    return PartyId{number_in(*found, "id")};
}

std::function<u64(const std::string&)> LedgerSession::party_lookup() {
    return [this](const std::string& name) {
        const auto found = party(name);
        return found ? *found : 0;
    };
}

Result<CurrencyCode> LedgerSession::currency_of_account(AccountId account) {
    const auto answer = client_.get("/v1/accounts?id=" + std::to_string(account));
    if (!answer) return answer.error();
    const Json* const found = answer->member("account");
    const auto currency =
        found != nullptr ? currency_by_name(text_in(*found, "currency")) : std::nullopt;
    if (!currency) return NodeError{NodeCode::BadAnswer, {}};
    return CurrencyCode{currency->code};
}

Result<i128> LedgerSession::amount_for(AccountId account, const std::string& text) {
    const auto currency = currency_of_account(account);
    if (!currency) return currency.error();
    const auto amount = decimal_parse(text, money_exponent(*currency));
    if (!amount) return bad("`" + text + "` is not an amount of " + currency_name(*currency));
    return i128{*amount};
}

Result<std::vector<CashIn>> LedgerSession::cash(const std::vector<std::string>& texts) {
    std::vector<CashIn> out;
    for (const std::string& text : texts) {
        const std::size_t colon = text.find(':');
        AccountId account = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), account);
        if (colon == std::string::npos || read.ptr != text.data() + colon)
            return bad("--cash takes ACCOUNT:AMOUNT");
        const auto amount = amount_for(account, text.substr(colon + 1));
        if (!amount) return amount.error();
        out.push_back({account, *amount});
    }
    return out;
}

Result<std::shared_ptr<const Program>> LedgerSession::program(const std::string& name_or_hash) {
    Bytes hash;
    std::string code = name_or_hash;
    if (!unhex(name_or_hash, hash) || hash.size() != std::tuple_size_v<Hash>) {
        const auto answer = client_.get("/v1/modules/" + url_escaped(name_or_hash));
        if (!answer) return answer.error();
        code = text_in(*answer, "code");
    }
    const auto answer = client_.get("/v1/code/" + code);
    if (!answer) return answer.error();
    Bytes bytes;
    const NodeError unreadable{NodeCode::BadAnswer, "the module " + code};
    if (!unhex(text_in(*answer, "module"), bytes)) return unreadable;
    auto module = decode(bytes);
    if (module.index() != 0) return unreadable;
    auto program = load(std::move(std::get<0>(module)), module_hash(bytes));
    if (program.index() != 0) return unreadable;
    return std::move(std::get<0>(program));
}

Result<LedgerSession::Instance> LedgerSession::instance(InstanceId id) {
    const auto answer = client_.get("/v1/instances/" + std::to_string(id));
    if (!answer) return answer.error();
    const Json* const found = answer->member("instance");
    if (found == nullptr) return NodeError{NodeCode::BadAnswer, {}};
    const auto currency = currency_by_name(text_in(*found, "currency"));
    return Instance{text_in(*found, "code"), text_in(*found, "contract"),
                    currency ? currency->code : 0};
}

} // namespace tally
