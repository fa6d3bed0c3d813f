// Every limit of the API and of the queue: the last good value, and the first bad one.
#include "tests/unit/node/api_kit.hpp"

#include <future>

namespace tally::test {
namespace {

using namespace std::chrono_literals;

std::string request_of(std::size_t header_bytes) {
    const std::string begin = "GET /v1/status HTTP/1.1\r\nConnection: close\r\nX: ", end = "\r\n\r\n";
    return begin + std::string(header_bytes - begin.size() - end.size(), 'a') + end;
}

/// A request that would not find what it asks for, if its arguments are not too deep.
std::string nested(std::size_t levels) {
    const std::size_t inside = levels - 1; // the request is one
    return "{\"instance\": 99, \"entry\": \"x\", \"arguments\": " + std::string(inside, '[') + std::string(inside, ']') + "}";
}

Bytes of_sender(PartyId sender, std::uint8_t key, std::uint8_t intent) {
    Transaction out = transaction(intent, OpenAccount{dollars});
    out.signers = {sender};
    const SigningKey pair = key_number(key);
    return sign("test", out, std::span(&pair, 1));
}

} // namespace

TEST_CASE("limit: the header of a request, 16 KiB") {
    const Api api;
    for (const std::size_t size : {16'383UL, 16'384UL})
        CHECK(has(api.raw(request_of(size)), "\"chain\""));
    CHECK(has(api.raw(request_of(16'385)), "N3001"));
}

TEST_CASE("limit: the body of a request, 1 MiB; of a binary batch, 8 MiB") {
    const Api api;
    const std::string binary = "Content-Type: application/octet-stream\r\n";
    struct Case {
        std::string headers;
        std::size_t bytes;
        std::string_view code;
    };
    for (const Case& one : {Case{"", (1U << 20) - 1, "N3002"}, {"", 1U << 20, "N3002"}, {"", (1U << 20) + 1, "N3003"},
                            {binary, (8U << 20) - 1, "N3007"}, {binary, 8U << 20, "N3007"}, {binary, (8U << 20) + 1, "N3003"}})
        CHECK(has(api.post("/v1/transactions", std::string(one.bytes, ' '), one.headers), one.code));
}

TEST_CASE("limit: JSON, 64 levels") {
    const Api api;
    for (const std::size_t levels : {63UL, 64UL})
        CHECK(has(api.post("/v1/view", nested(levels)), "N3006"));
    CHECK(has(api.post("/v1/view", nested(65)), "N3002"));
}

TEST_CASE("limit: a page, 1,000; a batch, 10,000") {
    Api api;
    for (const std::string target : {"/v1/instances?limit=", "/v1/events?limit="}) {
        for (const char* const good : {"1", "999", "1000"})
            CHECK(api.client->get(target + good));
        for (const char* const bad : {"0", "1001"})
            CHECK(api.refusal(target + bad) == NodeCode::BadParameter);
    }
    const auto batch = [&](std::size_t count) {
        std::string list;
        for (std::size_t i = 0; i < count; ++i)
            list += i == 0 ? "\"\"" : ",\"\"";
        return api.post("/v1/transactions?brief=1", "{\"transactions\": [" + list + "]}");
    };
    for (const std::size_t count : {9'999UL, 10'000UL})
        CHECK(has(batch(count), "N1001"));
    CHECK(has(batch(10'001), "N3011"));
}

TEST_CASE("a bucket fills at its rate, saves up two seconds, and may leave a debt once") {
    Rate rate(10);
    const Rate::Time start{};
    for (int i = 0; i < 20; ++i)
        CHECK_FALSE(rate.take("bank", 1, start));
    CHECK(rate.take("bank", 1, start) == 1U);
    CHECK_FALSE(rate.take("other", 1, start));
    CHECK(rate.take("bank", 1, start + 99ms));
    CHECK_FALSE(rate.take("bank", 1, start + 100ms));
    CHECK(rate.take("bank", 1, start + 100ms));
    CHECK_FALSE(rate.take("bank", 10'000, start + 60s)); // a large batch, then its debt is paid
    CHECK(rate.take("bank", 1, start + 61s) == 998U);
    CHECK(rate.take("bank", 1, start + 60s + 998s));
    CHECK_FALSE(rate.take("bank", 1, start + 60s + 999s));
    Rate none(0);
    for (int i = 0; i < 1000; ++i)
        CHECK_FALSE(none.take("bank", 1'000'000, start));
}

TEST_CASE("who has no limit on memory for clients gets none: old buckets are forgotten") {
    Rate rate(1);
    const Rate::Time start{};
    for (std::size_t i = 0; i < 3 * Rate::clients_max; ++i)
        CHECK_FALSE(rate.take(std::to_string(i), 1, start + i * 1ms));
}

TEST_CASE("too many requests: 429 with the seconds to wait, and the connection stays") {
    const Api api({3, 0});
    const std::string ask = "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n";
    std::string all;
    for (int i = 0; i < 8; ++i)
        all += ask;
    const std::string said = api.raw(all + "GET /v1/status HTTP/1.1\r\nConnection: close\r\n\r\n");
    std::size_t good = 0, refused = 0;
    for (std::size_t at = 0; (at = said.find("HTTP/1.1 ", at)) != std::string::npos; ++at)
        (said.substr(at + 9, 3) == "200" ? good : refused)++;
    CHECK(good + refused == 9);
    CHECK(good >= 6);
    CHECK(refused >= 1);
    CHECK(has(said, "HTTP/1.1 429"));
    CHECK(has(said, "Retry-After: 1"));
    CHECK(has(said, "N3015"));
}

TEST_CASE("too many transactions of one client: the next batch waits") {
    const Api api({0, 5});
    const std::string batch = "{\"transactions\": [\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\",\"\"]}";
    CHECK(has(api.post("/v1/transactions", batch), "N1001"));
    const std::string said = api.post("/v1/transactions", batch);
    CHECK(has(said, "HTTP/1.1 429"));
    CHECK(has(said, "Retry-After: "));
    CHECK(has(api.post("/v1/view", "{}"), "N3002"));
}

TEST_CASE("from half of the queue on each sender has an equal part of it") {
    TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    auto chain = Chain::open(directory / "node", {1, 1});
    REQUIRE(chain);
    EmbeddedOrdering ordering(**chain, {.waiting_max = 40});
    for (std::uint8_t party = 2; party <= 3; ++party)
        REQUIRE(submit_and_wait(ordering, {by_operator(transaction(party, enrol_number(party)))}).front());
    std::vector<std::future<Ordering::Answers>> answers;
    const auto submit = [&](PartyId sender, std::uint8_t first, std::size_t count) {
        std::vector<Bytes> envelopes;
        for (std::size_t i = 0; i < count; ++i)
            envelopes.push_back(of_sender(sender, static_cast<std::uint8_t>(sender), static_cast<std::uint8_t>(first + i)));
        const auto promise = std::make_shared<std::promise<Ordering::Answers>>();
        answers.push_back(promise->get_future());
        ordering.submit(envelopes, Ordering::Wait::Final, [promise](Ordering::Answers all) { promise->set_value(std::move(all)); });
    };
    // No block becomes visible while a question is asked: all of them wait.
    (*chain)->read([&](const Ledger&, const Tip&) {
        submit(2, 10, 20); // half of it: no questions asked
        submit(2, 40, 1);  // the next one is too much, it has all of its part
        submit(3, 60, 9);  // two senders, a quarter each
        submit(3, 80, 2);  // one more is its part, the other too much
        return 0;
    });
    std::vector<std::size_t> refused;
    for (auto& batch : answers) {
        std::size_t count = 0;
        for (const auto& answer : batch.get()) {
            if (!answer) CHECK(answer.error().code == NodeCode::SenderShare);
            if (!answer) ++count;
        }
        refused.push_back(count);
    }
    CHECK(refused == std::vector<std::size_t>{0, 1, 0, 1});
    // Nobody waits any more: everything is forgotten.
    CHECK(submit_and_wait(ordering, {of_sender(2, 2, 100)}).front());
}

} // namespace tally::test
