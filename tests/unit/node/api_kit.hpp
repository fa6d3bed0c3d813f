/// A node with its API on a socket, and a client.
#pragma once

#include "node/api/server.hpp"
#include "node/client/client.hpp"
#include "tests/unit/node/node_kit.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

namespace tally::test {

struct Api {
    TemporaryDirectory directory;
    std::unique_ptr<Node> node;
    std::unique_ptr<Routes> routes;
    std::unique_ptr<Server> server;
    std::unique_ptr<Client> client;

    explicit Api(Routes::Rates rates = {}) {
        REQUIRE_FALSE(Chain::create(directory / "node", genesis_of_one()));
        node = std::make_unique<Node>(directory / "node");
        routes = std::make_unique<Routes>(*node->chain, *node->ordering, rates);
        auto started = Server::start({"127.0.0.1:0"}, *routes);
        REQUIRE(started);
        server = std::move(*started);
        auto connected = Client::connect(server->address());
        REQUIRE(connected);
        client = std::make_unique<Client>(std::move(*connected));
    }
    Json get(const std::string& target) {
        const auto answer = client->get(target);
        INFO(target);
        REQUIRE(answer);
        return *answer;
    }
    NodeCode refusal(const std::string& target) {
        const auto answer = client->get(target);
        INFO(target);
        REQUIRE_FALSE(answer);
        return answer.error().code;
    }
    SubmitAnswer send(const Bytes& envelope, bool brief = false) {
        const std::vector<Bytes> batch{envelope};
        const auto answers = client->submit(batch, brief);
        REQUIRE(answers);
        return answers->front();
    }
    /// Sends bytes as they are, then reads until the other side closes.
    std::string raw(const std::string& bytes) const {
        const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(server->port());
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
                0);
        const timeval patience{5, 0};
        ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        (void)::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (bytes.empty()) ::shutdown(socket, SHUT_WR);
        std::string out;
        char buffer[4096];
        for (ssize_t n = 0; (n = ::recv(socket, buffer, sizeof buffer, 0)) > 0;)
            out.append(buffer, static_cast<std::size_t>(n));
        ::close(socket);
        return out;
    }
    std::string post(const std::string& target, const std::string& body,
                     const std::string& headers = "") const {
        return raw("POST " + target + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + headers +
                   "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
};

inline bool has(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

} // namespace tally::test
