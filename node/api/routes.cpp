#include "node/api/routes.hpp"

#include "node/api/query.hpp"
#include "node/api/rights.hpp"
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

ApiResponse slow_down(std::string detail, u64 seconds) {
    ApiResponse response = error_response({NodeCode::TooFast, std::move(detail)});
    response.retry_after = seconds;
    return response;
}

} // namespace

std::optional<ApiResponse> Routes::too_fast(const Caller& caller, std::string_view method, std::string_view target) {
    const auto wait = requests_.take(caller.name(), 1, std::chrono::steady_clock::now());
    if (!wait) return std::nullopt;
    ApiResponse response = slow_down("requests", *wait);
    if (const auto route = find_route(method, path_of(target))) response.route = route_table()[*route].path;
    return response;
}

ApiResponse error_response(const NodeError& error) {
    return {node_code_info(error.code).http, JsonObject().raw("error", render(error)).done()};
}

std::size_t Routes::body_limit(std::string_view target, std::string_view content_type) {
    const bool batch = path_of(target) == transactions_path && content_type == binary_type;
    return batch ? batch_body_max : body_max;
}

const Routes::Handler Routes::handlers[] = {
#define QUESTION(method, path, rule, kind, handler, parameters) &Routes::handler,
#define ACTION(method, path, rule, kind, parameters) nullptr,
#include "node/api/routes.def"
#undef QUESTION
#undef ACTION
};

void Routes::answer(const ApiRequest& request, Done done) {
    const std::string_view path = path_of(request.target);
    const auto found = find_route(request.method, path);
    const auto refuse = [&](const NodeError& error) {
        ApiResponse response = error_response(error);
        if (found) response.route = route_table()[*found].path;
        done([response = std::move(response)] { return response; });
    };
    if (!found) return refuse(found.error());
    const Route& route = route_table()[*found];
    auto query = Query::read(request.target, route);
    if (!query) return refuse(query.error());
    query->body = request.body;
    query->caller = &request.caller;
    if (const auto problem = forbidden(route, request.caller, *query)) return refuse(*problem);
    if (route.kind == Route::Kind::Submit) return submit(request, *query, std::move(done));
    if (route.kind == Route::Kind::Stream) {
        const auto place = stream_place(request, *query);
        if (!place) return refuse(place.error());
        return done([path = route.path, place = *place] { return ApiResponse{.route = path, .stream = place}; });
    }
    done([response = ask(*found, *query)] { return response; });
}

Problem Routes::forbidden(const Route& route, const Caller& caller, const Query& query) const {
    Asked asked{query.part, query.text("id"), query.text("owner"), 0};
    if (route.rule == Rule::OfView) {
        const auto body = parse_json(query.body);
        const Json* const instance = body ? body->member("instance") : nullptr;
        asked.instance = instance != nullptr ? whole_number(instance->text).value_or(0) : 0;
    }
    return chain_.read([&](const Ledger& ledger, const Tip&) { return refused(route.rule, caller, asked, chain_, ledger); });
}

void Routes::submit(const ApiRequest& request, const Query& query, Done done) {
    const auto respond = [&](ApiResponse response) {
        response.route = transactions_path;
        done([response = std::move(response)] { return response; });
    };
    const auto refuse = [&](const NodeError& error) { respond(error_response(error)); };
    const auto brief = query.number("brief", 0);
    if (!brief || *brief > 1) return refuse(bad_parameter("`brief` is 1 or 0"));
    const std::string wait = query.text("wait");
    if (!wait.empty() && wait != "final" && wait != "admitted") return refuse(bad_parameter("`wait` is final or admitted"));
    const bool at_once = wait == "admitted";
    const auto envelopes = request.content_type == binary_type ? envelopes_of_bytes(request.body)
                                                               : envelopes_of_json(request.body);
    if (!envelopes) return refuse(envelopes.error());
    if (const auto seconds = transactions_.take(request.caller.name(), envelopes->size(), std::chrono::steady_clock::now()))
        return respond(slow_down("transactions", *seconds));
    const auto until = at_once ? Ordering::Wait::Admitted : Ordering::Wait::Final;
    ordering_.submit(*envelopes, until, [this, at_once, brief = *brief == 1, done = std::move(done)](Ordering::Answers answers) {
        const auto shared = std::make_shared<Ordering::Answers>(std::move(answers));
        done([this, at_once, brief, shared] {
            JsonArray out;
            for (const auto& one : *shared)
                out.raw(at_once ? Renderer::admitted(one) : renderer_.answer(one, brief));
            return ApiResponse{at_once ? 202U : 200U, around("\"answers\": " + out.done()), transactions_path};
        });
    });
}

ApiResponse Routes::ask(std::size_t place, const Query& query) {
    const Route& route = route_table()[place];
    const auto respond = [&] {
        const Body body = (this->*handlers[place])(query);
        ApiResponse response = body ? ApiResponse{200, around(*body)} : error_response(body.error());
        response.route = route.path;
        return response;
    };
    if (route.kind != Route::Kind::Present) return respond();
    return chain_.read([&](const Ledger&, const Tip&) { return respond(); });
}

std::string Routes::around(const std::string& members) const {
    const auto tip =
        chain_.read([](const Ledger&, const Tip& now) { return std::pair{now.height, now.root}; });
    return "{\"height\": " + json_number(tip.first) + ", \"root\": \"" + hex(tip.second) + "\", " +
           members + "}";
}

} // namespace tally
