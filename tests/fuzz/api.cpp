// Hostile requests, behind HTTP's own parser: each gets one answer, in JSON, with a status that the table knows.
#include "node/api/routes.hpp"
#include "runtime/json_reader.hpp"

#include <cstdlib>

namespace {

using namespace tally;

/// Looks at transactions as a node does and takes none.
class Closed final : public Ordering {
public:
    explicit Closed(Chain& chain) : chain_(chain) {}
    void submit(const std::vector<Bytes>& envelopes, Wait, Done done) override {
        Answers answers;
        for (auto& one : chain_.admit(envelopes))
            answers.push_back(one ? NodeError{NodeCode::Stopping, {}} : one.error());
        done(std::move(answers));
    }
    void stop() override {}

private:
    Chain& chain_;
};

struct Node {
    std::filesystem::path directory;
    std::unique_ptr<Chain> chain;
    Node() {
        std::string name = (std::filesystem::temp_directory_path() / "tally_fuzz_XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) std::abort();
        directory = name;
        Genesis genesis{"fuzz", 20454, {}};
        Enrol party{"operator", {}, role_registrar | role_deployer | role_clock, {}};
        party.key = PublicKey{1};
        genesis.parties.push_back(std::move(party));
        if (Chain::create(directory / "node", genesis)) std::abort();
        auto opened = Chain::open(directory / "node", {});
        if (!opened) std::abort();
        chain = std::move(*opened);
    }
    ~Node() {
        chain.reset();
        std::error_code ignored;
        std::filesystem::remove_all(directory, ignored);
    }
};

std::string line(std::string_view& input) {
    const std::size_t end = std::min(input.find('\n'), input.size());
    std::string out(input.substr(0, end));
    input.remove_prefix(std::min(end + 1, input.size()));
    return out;
}

} // namespace

/// Method, target, content type, each on a line; then the body.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static Node node;
    static Closed ordering(*node.chain);
    static Routes routes(*node.chain, ordering);
    std::string_view input(reinterpret_cast<const char*>(data), size);
    ApiRequest request;
    request.caller.address = "127.0.0.1";
    request.method = line(input);
    request.target = line(input);
    request.content_type = line(input);
    if (input.size() > Routes::body_limit(request.target, request.content_type)) return 0;
    request.body = std::string(input);
    int answers = 0;
    routes.answer(request, [&](const Routes::Make& make) {
        ++answers;
        const ApiResponse response = make();
        if (response.status < 200 || response.status > 599 || (!response.stream && !parse_json(response.body))) std::abort();
    });
    if (answers != 1) std::abort();
    return 0;
}
