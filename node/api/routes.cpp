#include "node/api/routes.hpp"

#include "node/api/query.hpp"
#include "runtime/json_text.hpp"
#include "runtime/json_reader.hpp"
#include "vm/bytecode/limits.hpp"

namespace tally {
namespace {

constexpr std::size_t body_max = 1U << 20, batch_body_max = 8U << 20;
constexpr std::string_view transactions_path = "/v1/transactions";
constexpr std::string_view binary_type = "application/octet-stream";

Result<std::vector<Bytes>> envelopes_of_json(std::string_view body) {
    const auto tree = parse_json(body);
    const Json* const list = tree ? tree->member("transactions") : nullptr;
    if (list == nullptr || list->kind != Json::Kind::Array)
        return NodeError{NodeCode::BadJson, "{\"transactions\": [\"hex\", …]}"};
    if (list->items.size() > limits::block_transactions)
        return NodeError{NodeCode::BatchTooLarge, {}};
    std::vector<Bytes> out(list->items.size());
    for (std::size_t i = 0; i < out.size(); ++i)
        if (list->items[i].kind != Json::Kind::Text || !unhex(list->items[i].text, out[i]))
            return NodeError{NodeCode::BadJson, "a transaction is lower-case hexadecimal text"};
    return out;
}

Result<std::vector<Bytes>> envelopes_of_bytes(std::string_view body) {
    ByteReader in({reinterpret_cast<const std::uint8_t*>(body.data()), body.size()});
    const u64 count = in.uvarint();
    if (in.ok() && count > limits::block_transactions)
        return NodeError{NodeCode::BatchTooLarge, {}};
    std::vector<Bytes> out;
    for (u64 i = 0; i < count && in.ok(); ++i) {
        const ByteView one = in.bytes(limits::deploy_bytes);
        out.emplace_back(one.begin(), one.end());
    }
    if (!in.done())
        return bad_parameter("a binary batch is a count, then each transaction behind its length");
    return out;
}

} // namespace

ApiResponse error_response(const NodeError& error) {
    return {node_code_info(error.code).http, JsonObject().raw("error", render(error)).done()};
}

std::size_t Routes::body_limit(std::string_view target, std::string_view content_type) {
    const bool batch = path_of(target) == transactions_path && content_type == binary_type;
    return batch ? batch_body_max : body_max;
}

const Routes::Route Routes::table[] = {
    {"GET", "/v1/status", &Routes::status, true},
    {"GET", "/v1/receipts/", &Routes::receipt, false},
    {"GET", "/v1/instances/", &Routes::instance, true},
    {"GET", "/v1/instances", &Routes::instances, true},
    {"GET", "/v1/events", &Routes::events, false},
    {"GET", "/v1/parties/", &Routes::party, true},
    {"GET", "/v1/accounts", &Routes::account, true},
    {"GET", "/v1/code/", &Routes::code, false},
    {"GET", "/v1/modules/", &Routes::module, true},
    {"GET", "/v1/blocks/", &Routes::block, false},
    {"POST", "/v1/view", &Routes::view, true},
    {"GET", "/v1/proofs/rows/", &Routes::row_proof, true},
    {"GET", "/v1/proofs/receipts/", &Routes::receipt_proof, true},
    {"GET", "/v1/statements/", &Routes::statement, true},
};

void Routes::answer(const ApiRequest& request, Done done) {
    const auto query = Query::read(request.target);
    if (!query) return done([] { return error_response(bad_parameter("the query")); });
    const bool batch = path_of(request.target) == transactions_path;
    if (batch && request.method == "POST") return submit(request, *query, std::move(done));
    done([response = batch ? error_response({NodeCode::WrongMethod, request.method})
                           : ask(request, *query)] { return response; });
}

void Routes::submit(const ApiRequest& request, const Query& query, Done done) {
    const auto envelopes = request.content_type == binary_type ? envelopes_of_bytes(request.body)
                                                               : envelopes_of_json(request.body);
    if (!envelopes) return done([error = envelopes.error()] { return error_response(error); });
    const bool brief = query.text("brief") == "1";
    ordering_.submit(*envelopes, [this, brief, done = std::move(done)](Ordering::Answers answers) {
        const auto shared = std::make_shared<Ordering::Answers>(std::move(answers));
        done([this, brief, shared] {
            JsonArray out;
            for (const auto& one : *shared)
                out.raw(renderer_.answer(one, brief));
            return ApiResponse{200, around("\"answers\": " + out.done())};
        });
    });
}

ApiResponse Routes::ask(const ApiRequest& request, const Query& query) {
    const std::string_view path = path_of(request.target);
    bool other_method = false;
    for (const Route& route : table) {
        const bool takes_part = route.path.back() == '/';
        const bool fits = takes_part
                              ? path.starts_with(route.path) && path.size() > route.path.size()
                              : path == route.path;
        if (!fits) continue;
        if (route.method != request.method) {
            other_method = true;
            continue;
        }
        Query asked = query;
        asked.body = request.body;
        const auto part = unescape(path.substr(route.path.size()));
        if (!part) return error_response(bad_parameter("the path"));
        asked.part = *part;
        const auto respond = [&] {
            const Body body = (this->*route.ask)(asked);
            return body ? ApiResponse{200, around(*body)} : error_response(body.error());
        };
        if (!route.present) return respond();
        return chain_.read([&](const Ledger&, const Tip&) { return respond(); });
    }
    if (other_method) return error_response({NodeCode::WrongMethod, request.method});
    return error_response({NodeCode::NoSuchRoute, std::string(path.substr(0, 200))});
}

std::string Routes::around(const std::string& members) const {
    const auto tip =
        chain_.read([](const Ledger&, const Tip& now) { return std::pair{now.height, now.root}; });
    return "{\"height\": " + json_number(tip.first) + ", \"root\": \"" + hex(tip.second) + "\", " +
           members + "}";
}

} // namespace tally
