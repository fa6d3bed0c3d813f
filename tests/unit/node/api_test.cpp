// The API over a real socket.
#include "runtime/json_text.hpp"
#include "tests/unit/node/api_kit.hpp"
#include "tests/unit/runtime/jar_module.hpp"
#include "vm/bytecode/encode.hpp"

namespace tally::test {
TEST_CASE("only loopback addresses are listened on") {
    TemporaryDirectory directory;
    REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
    const Node node(directory / "node");
    Routes routes(*node.chain, *node.ordering);
    for (const char* const address : {"0.0.0.0:0", "192.0.2.1:0", "[::]:0", "8.8.8.8:80"}) {
        const auto server = Server::start({address}, routes);
        REQUIRE_FALSE(server);
        CHECK(server.error().code == NodeCode::NotLoopback);
    }
    for (const char* const address :
         {"", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "host:1"}) {
        const auto server = Server::start({address}, routes);
        REQUIRE_FALSE(server);
        CHECK(server.error().code == NodeCode::CannotListen);
    }
}

TEST_CASE("a batch over HTTP: answers in order, rejected ones in place") {
    Api api;
    const std::vector<Bytes> batch{by_operator(transaction(1, enrol_number(2))), Bytes{1, 2, 3},
                                   by_operator(transaction(2, Issue{5, 100}))};
    const auto answers = api.client->submit(batch);
    REQUIRE(answers);
    REQUIRE(answers->size() == 3);
    CHECK((*answers)[0].created == 2);
    REQUIRE((*answers)[1].rejected);
    CHECK((*answers)[1].rejected->code == NodeCode::MalformedTransaction);
    CHECK((*answers)[2].trap == Trap::NoSuchAccount);
    CHECK_FALSE((*answers)[2].note.empty());
    const Json receipt =
        api.get("/v1/receipts/" + std::string(32, '0').replace(0, 32, hex(Bytes(16, 1))));
    CHECK(number_in(*receipt.member("receipt"), "created") == 2);
    const std::string text =
        api.post("/v1/transactions?brief=1", "{\"transactions\": [\"" + hex(batch[0]) + "\"]}");
    CHECK(has(text, "\"created\": 2"));
    CHECK_FALSE(has(text, "\"events\""));
}

TEST_CASE("whoever does not wait is answered at once and asks for the receipt later") {
    Api api;
    const std::string good = hex(by_operator(transaction(1, enrol_number(2)))), forged = good.substr(0, good.size() - 2) + "00";
    std::string said;
    // No block becomes visible while a question is asked: an answer that waited for one would not come.
    api.node->chain->read([&](const Ledger&, const Tip&) {
        Ordering::Answers answers;
        Bytes envelope;
        REQUIRE(unhex(good, envelope));
        api.node->ordering->submit({envelope}, Ordering::Wait::Admitted, [&](Ordering::Answers all) { answers = std::move(all); });
        REQUIRE(answers.size() == 1);
        REQUIRE(answers.front());
        CHECK(answers.front()->height == 0);
        return 0;
    });
    said = api.post("/v1/transactions?wait=admitted", "{\"transactions\": [\"" + good + "\", \"" + forged + "\", \"\"]}");
    CHECK(has(said, "HTTP/1.1 202"));
    CHECK(has(said, "\"intent\": \"01010101010101010101010101010101\", \"admitted\": true"));
    CHECK(has(said, "N1003"));
    CHECK(has(said, "N1001"));
    // Transactions are final in the order in which they came.
    CHECK(api.send(by_operator(transaction(2, enrol_number(3)))).created == 3);
    CHECK(number_in(*api.get("/v1/receipts/01010101010101010101010101010101").member("receipt"), "created") == 2);
}

TEST_CASE("questions about a contract: instances, views, events, code") {
    Api api;
    const SubmitAnswer deployed =
        api.send(by_operator(transaction(1, Deploy{encode(jar_module())})));
    REQUIRE(deployed.trap == Trap::None);
    CHECK(text_in(api.get("/v1/modules/test.jar"), "code") == deployed.code);
    CHECK(text_in(api.get("/v1/code/" + deployed.code), "module") == hex(encode(jar_module())));
    Hash code{};
    Bytes code_bytes;
    REQUIRE(unhex(deployed.code, code_bytes));
    std::copy(code_bytes.begin(), code_bytes.end(), code.begin());
    CHECK(api.send(by_operator(
                       transaction(2, Create{code, "Jar", 0, dollars, World::words({1}), {}})))
              .created == 1);
    CHECK(api.send(by_operator(transaction(3, Call{1, "add", World::words({5}), {}, 0})), true)
              .trap == Trap::None);
    const Json instance = *api.get("/v1/instances/1").member("instance");
    CHECK(text_in(instance, "contract") == "Jar");
    CHECK(text_in(instance, "currency") == "USD");
    CHECK(number_in(*instance.member("fields"), "count") == 5);
    CHECK(api.get("/v1/instances?from=1&limit=10").member("instances")->items.size() == 1);
    const auto view =
        api.client->post("/v1/view", R"({"instance": 1, "entry": "count", "arguments": {}})");
    REQUIRE(view);
    CHECK(number_in(*view, "result") == 5);
    const SubmitAnswer refused =
        api.send(by_operator(transaction(4, Call{1, "refuse", World::words({3}), {}, 0})));
    CHECK(refused.trap == Trap::Refused);
    CHECK(refused.error == "test.jar.Failed");
    CHECK(number_in(*refused.json.member("error_fields"), "why") == 3);
    for (const char* const body :
         {"", "[]", "{", R"({"instance": 1})", R"({"instance": "x", "entry": "count"})"}) {
        const auto bad = api.client->post("/v1/view", body);
        REQUIRE_FALSE(bad);
        CHECK(bad.error().code == NodeCode::BadJson);
    }
    const auto unknown =
        api.client->post("/v1/view", R"({"instance": 1, "entry": "count", "arguments": {"x": 1}})");
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == NodeCode::BadParameter);
}

TEST_CASE("addresses that lead nowhere and parameters that make no sense have their codes") {
    Api api;
    CHECK(api.refusal("/") == NodeCode::NoSuchRoute);
    CHECK(api.refusal("/v1/nothing") == NodeCode::NoSuchRoute);
    CHECK(api.refusal("/v1/transactions") == NodeCode::WrongMethod);
    CHECK(api.refusal("/v1/instances/1") == NodeCode::NotFound);
    CHECK(api.refusal("/v1/instances/x") == NodeCode::BadParameter);
    CHECK(api.refusal("/v1/instances?limit=1001") == NodeCode::BadParameter);
    CHECK(api.refusal("/v1/instances?limit=0") == NodeCode::BadParameter);
    CHECK(api.refusal("/v1/instances?from=1&from=2") == NodeCode::BadParameter);
    CHECK(api.refusal("/v1/parties/operator?at_heigth=0") == NodeCode::BadParameter);
    CHECK(api.refusal("/v1/status?on=2026-01-01") == NodeCode::BadParameter);
    CHECK(api.refusal("/v1/parties/operator/keys") == NodeCode::NoSuchRoute);
    CHECK(api.refusal("/v1/events?from_height=99999999999999999999") == NodeCode::BadParameter);
    CHECK(api.refusal("/v1/receipts/zz") == NodeCode::BadParameter);
    CHECK(api.refusal("/v1/parties/%4") == NodeCode::BadParameter);
    CHECK(api.refusal("/v1/parties/nobody") == NodeCode::NotFound);
    CHECK(api.refusal("/v1/blocks/1") == NodeCode::NotFound);
    CHECK(text_in(api.get("/v1/status"), "chain") == "test");
    CHECK(number_in(*api.get("/v1/parties/oper%61tor").member("party"), "id") == 1);
}

TEST_CASE("malformed HTTP and JSON get a coded answer and the node goes on") {
    Api api;
    CHECK(has(api.raw("garbage\r\n\r\n"), "N3001"));
    CHECK(has(api.raw("GET / HTTP/9.9\r\n\r\n"), "N3001"));
    CHECK(has(api.raw("GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"), "N3001"));
    CHECK(has(api.raw("GET / HTTP/1.1\r\n" + std::string(20'000, 'a') + "\r\n\r\n"), "N3001"));
    CHECK(has(api.raw("POST /v1/transactions HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n"),
              "N3003"));
    CHECK(has(api.post("/v1/transactions", std::string(1'048'577, ' ')), "N3003"));
    CHECK(has(api.post("/v1/transactions", std::string(1'048'576, ' ')), "N3002"));
    for (const std::string body :
         {"", "{", "{}", "[]", "{\"transactions\": 1}", "{\"transactions\": [1]}",
          "{\"transactions\": [\"0\"]}", "{\"transactions\": [], \"transactions\": []}"})
        CHECK(has(api.post("/v1/transactions", body), "N3002"));
    CHECK(has(api.post("/v1/transactions", "{\"transactions\": " + std::string(100'000, '[')),
              "N3002"));
    CHECK(has(api.post("/v1/transactions",
                       "\x01\x05"
                       "ab",
                       "Content-Type: application/octet-stream\r\n"),
              "N3007"));
    ByteWriter many;
    many.uvarint(10'001);
    CHECK(has(api.post("/v1/transactions", std::string(as_text(many.data())),
                       "Content-Type: application/octet-stream\r\n"),
              "N3011"));
    CHECK(api.raw("").empty());
    CHECK(text_in(api.get("/v1/status"), "chain") == "test");
}

TEST_CASE("text becomes JSON that is UTF-8 whatever it was, and large numbers become strings") {
    CHECK(json_quoted("a\"\\\n\x01") == "\"a\\\"\\\\\\u000a\\u0001\"");
    CHECK(json_quoted("\xc3\xa9\xe4\xb8\xad") == "\"\xc3\xa9\xe4\xb8\xad\"");
    CHECK(json_quoted("\xff\xc0\x80") == "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
    CHECK(json_number((u64{1} << 53)) == "9007199254740992");
    CHECK(json_number((u64{1} << 53) + 1) == "\"9007199254740993\"");
    CHECK(json_number(i64{-1}) == "-1");
}

TEST_CASE("without a node the client says so") {
    const auto client = Client::connect("http://127.0.0.1:1");
    REQUIRE_FALSE(client);
    CHECK(client.error().code == NodeCode::CannotConnect);
    const auto bad = Client::connect("http://nowhere");
    REQUIRE_FALSE(bad);
    CHECK(bad.error().code == NodeCode::BadAddress);
}

} // namespace tally::test
