#include "tools/demo_driver/ledger.hpp"

#include "node/client/client.hpp"
#include "tools/demo_driver/life.hpp"
#include "tools/demo_driver/session.hpp"
#include "vm/crypto/ed25519.hpp"

#include <fmt/core.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>
#include <unistd.h>

namespace tally::demo {
namespace {

namespace fs = std::filesystem;

constexpr int tries_to_agree = 600;

/// Two demos on one machine do not meet.
unsigned first_port() { return 30'000 + static_cast<unsigned>(::getpid()) % 200 * 50; }

std::string where_of(NodeProcess& node) {
    auto client = Client::connect(node.url());
    const auto status = client ? client->get("/v1/status") : Result<Json>(client.error());
    return status ? fmt::format("{} {}", number_in(*status, "height"), text_in(*status, "root")) : status.error().line();
}

bool statement_holds(const Ledger::Place& place, NodeProcess& node, const std::string& bank, u64 height, const std::string& root) {
    const auto file = fmt::format("{}/{}.statement", place.work, bank), bin = fs::path(place.tallyd).parent_path().string();
    fs::remove(file);
    return std::system(fmt::format("'{0}/tally' statement '{1}' --node {2} --at-height {3} --out '{4}' > /dev/null && '{0}/tally-verify' '{4}' --root {5} > /dev/null", bin, bank, node.url(), height, file, root).c_str()) == 0;
}

} // namespace

Ledger::Ledger(const Place& place, const std::string& name, Date start) : keys_(signing_key(random_seed())) {
    const std::string directory = place.work + "/" + name, genesis = place.work + "/" + name + ".genesis.json", log = place.work + "/" + name + ".init.log";
    fs::remove_all(directory);
    std::ofstream(genesis) << fmt::format("{{\"chain\": \"{}\", \"start\": \"{}\", \"clock\": \"manual\", \"parties\": [{{\"name\": \"registrar\", \"key\": \"{}\", "
                                          "\"roles\": [\"registrar\", \"deployer\", \"clock\"], \"issuer_of\": []}}]}}\n", name, date_text(start), key_text(keys_.public_key));
    const auto command = place.institutions == 0 ? fmt::format("'{}' init '{}' --genesis '{}' > '{}' 2>&1", place.tallyd, directory, genesis, log)
                                                 : fmt::format("'{}' network new '{}' --local {} --genesis '{}' --port {} > '{}' 2>&1", place.tallyd, directory, place.institutions, genesis, first_port(), log);
    if (std::system(command.c_str()) != 0) give_up("the ledger cannot be made; see " + log);
    for (std::size_t i = 0; i < std::max<std::size_t>(1, place.institutions); ++i)
        nodes_.push_back(std::make_unique<NodeProcess>(place.tallyd, place.institutions == 0 ? directory : fmt::format("{}/{}", directory, i + 1)));
    for (const auto& node : nodes_)
        if (const auto fault = node->start(); !fault.empty()) give_up(fault);
}

std::size_t compare_nodes(const Ledger& ledger, const Ledger::Place& place, u64 height, const std::string& root) {
    const std::string expected = fmt::format("{} {}", height, root);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < ledger.nodes().size(); ++i) {
        NodeProcess& node = *ledger.nodes()[i];
        std::string where = where_of(node);
        for (int tries = 0; where != expected && tries < tries_to_agree; ++tries) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            where = where_of(node);
        }
        const std::string bank = partner_name(i);
        const bool holds = statement_holds(place, node, bank, height, root);
        fmt::print("node {}: block {}; the statement of {} from it {} against the first node's root, offline\n", i + 1, where, bank, holds ? "holds" : "DOES NOT HOLD");
        if (where != expected || !holds) ++wrong;
    }
    return wrong;
}

} // namespace tally::demo
