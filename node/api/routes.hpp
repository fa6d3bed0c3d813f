/// What the API answers, without a word about sockets. docs/api.md is its manual.
#pragma once

#include "node/api/event_walk.hpp"
#include "node/api/rate.hpp"
#include "node/api/render.hpp"
#include "node/api/route_table.hpp"
#include "node/ordering/ordering.hpp"

namespace tally {

struct ApiRequest {
    std::string method; ///< `GET`
    std::string target; ///< path and query, as sent
    std::string content_type;
    std::string body;
    Caller caller;
    std::string last_event_id; ///< of a stream that is taken up again
};
struct ApiResponse {
    unsigned status = 200;
    std::string body = {};         ///< JSON, always
    std::string_view route = {};   ///< its path in the table; empty if there is none
    u64 retry_after = 0; ///< seconds; 0: nothing is said
    std::optional<EventPlace> stream = {}; ///< instead of a body: events from here on, without end
};

[[nodiscard]] ApiResponse error_response(const NodeError& error);

class Routes {
public:
    /// Makes the response, on the thread that will send it.
    using Make = std::function<ApiResponse()>;
    using Done = std::function<void(Make)>;

    /// What a client may ask in a second; 0: as much as it likes.
    struct Rates {
        u64 requests = 0, transactions = 0;
    };
    /// Both must outlive this.
    Routes(const Chain& chain, Ordering& ordering) : Routes(chain, ordering, Rates{}) {}
    Routes(const Chain& chain, Ordering& ordering, Rates rates)
        : chain_(chain), ordering_(ordering), renderer_(chain), requests_(rates.requests), transactions_(rates.transactions) {}

    /// Before the body is read: a refusal (N3015) if the client asks too often.
    [[nodiscard]] std::optional<ApiResponse> too_fast(const Caller& caller, std::string_view method, std::string_view target);
    /// Calls `done` once: at once for a question, when all is final for transactions.
    void answer(const ApiRequest& request, Done done);
    /// A bounded piece of the stream of events, as server-sent events.
    struct StreamPage {
        std::string text;
        EventPlace next;
        bool is_last = false; ///< the next block is not made yet
    };
    [[nodiscard]] StreamPage stream_page(EventPlace from);
    /// How much body this request may have.
    [[nodiscard]] static std::size_t body_limit(std::string_view target,
                                                std::string_view content_type);

private:
    struct Query;
    using Body = Result<std::string>;
    [[nodiscard]] Problem forbidden(const Route& route, const Caller& caller, const Query& query) const;
    void submit(const ApiRequest& request, const Query& query, Done done);
    [[nodiscard]] ApiResponse ask(std::size_t route, const Query& query);

    // One for each route: the members of the answer beside height and root.
    [[nodiscard]] Body status(const Query& query);
    [[nodiscard]] Body receipt(const Query& query);
    [[nodiscard]] Body instance(const Query& query);
    [[nodiscard]] Body instances(const Query& query);
    [[nodiscard]] Body events(const Query& query);
    [[nodiscard]] Body party(const Query& query);
    [[nodiscard]] Body institution(const Query& query);
    [[nodiscard]] Body institutions(const Query& query);
    [[nodiscard]] Body rights(const Query& query);
    [[nodiscard]] Body account(const Query& query);
    [[nodiscard]] Body code(const Query& query);
    [[nodiscard]] Body module(const Query& query);
    [[nodiscard]] Body block(const Query& query);
    [[nodiscard]] Body view(const Query& query);
    [[nodiscard]] Body row_proof(const Query& query);
    [[nodiscard]] Body receipt_proof(const Query& query);
    [[nodiscard]] Body postings(const Query& query);
    [[nodiscard]] Body statement(const Query& query);
    [[nodiscard]] static Result<EventPlace> stream_place(const ApiRequest& request, const Query& query);
    /// The height that a question names (`at_height`, or the last one `on` a business date), or the
    /// present one.
    [[nodiscard]] Result<u64> height_of(const Query& query) const;
    /// Asks the present ledger, or that of the height that the question names; then the answer says so.
    [[nodiscard]] Body about(const Query& query, const std::function<Body(const Ledger&)>& ask) const;
    [[nodiscard]] std::string around(const std::string& members) const;
    using Handler = Body (Routes::*)(const Query&);
    static const Handler handlers[]; ///< by route, nothing for an action

    const Chain& chain_;
    Ordering& ordering_;
    Renderer renderer_;
    Rate requests_, transactions_;
};

} // namespace tally
