#include "node/unix_socket.hpp"

#include "tests/unit/node/node_kit.hpp"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace tally;
using tally::test::TemporaryDirectory;

TEST_CASE("a unix socket in a folder of any length is its user's alone, and replaces the one before") {
    const TemporaryDirectory directory;
    const auto folder = directory / "a" / std::string(120, 'a') / std::string(120, 'b');
    std::filesystem::create_directories(folder);
    const auto socket = folder / "node.sock";
    CHECK(connect_to(socket).error().code == NodeCode::CannotConnect);
    const auto killed = listen_at(socket, 1);
    REQUIRE(killed);
    const auto listener = listen_at(socket, 1);
    REQUIRE(listener);
    struct stat about {};
    REQUIRE(::stat(socket.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    const auto client = connect_to(socket);
    REQUIRE(client);
    const int served = ::accept(*listener, nullptr, nullptr);
    CHECK(::send(*client, "a", 1, 0) == 1);
    char got = 0;
    CHECK(::recv(served, &got, 1, 0) == 1);
    CHECK(got == 'a');
    for (const int file : {*killed, *listener, *client, served})
        ::close(file);
}

TEST_CASE("a unix socket that cannot be says why") {
    const TemporaryDirectory directory;
    CHECK(listen_at(directory / "none/node.sock", 1).error().code == NodeCode::CannotListen);
    const auto too_long = (directory / "").parent_path() / std::string(61, 's');
    CHECK(listen_at(too_long, 1).error().code == NodeCode::CannotListen);
    CHECK(connect_to(too_long).error().code == NodeCode::CannotConnect);
}
