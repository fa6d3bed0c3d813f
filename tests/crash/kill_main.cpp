// tally_kill TALLYD: kill -9 at random while payments come in. After every kill the node is started again, and
//   every payment that was answered is there, and sent again it answers as a duplicate with the same height;
//   every payment that was sent and not answered is there or not: if not, it is sent again;
//   the receiver has exactly the sum of all these amounts, and nobody else's money has changed in sum;
//   the height has not gone back.
#include "node/client/client.hpp"
#include "node/tx/envelope.hpp"
#include "runtime/json_text.hpp"
#include "vm/value/decimal_text.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <random>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace {

using namespace tally;
using Clock = std::chrono::steady_clock;
namespace fs = std::filesystem;

constexpr CurrencyCode usd = currency_code('U', 'S', 'D');
constexpr i128 issued = 1'000'000'000'00;
constexpr PartyId registrar = 1, payer = 2, receiver = 3;
constexpr const char* names[] = {"registrar", "payer", "receiver"};
constexpr int payments_max = 12; ///< in one request
constexpr std::size_t ports = 2; ///< clients at a time
constexpr std::size_t looked_at_last = 5000;

[[noreturn]] void give_up(const std::string& what) {
    fmt::print(stderr, "tally_kill: {}\n", what);
    std::exit(2);
}

SigningKey key_of(PartyId party) {
    KeySeed seed{};
    seed.fill(static_cast<std::uint8_t>(party));
    return signing_key(seed);
}

struct Payment {
    IntentId intent{};
    i128 amount = 0;
    Bytes envelope;
    u64 height = 0; ///< of the answer; 0: none came
};

/// A tallyd of its own process.
class Process {
public:
    Process(const std::string& program, const std::vector<std::string>& arguments, bool wait_for_port) {
        int out[2];
        if (::pipe2(out, O_CLOEXEC) != 0) give_up("no pipe");
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
        std::vector<char*> argv{const_cast<char*>(program.c_str())};
        for (const std::string& argument : arguments)
            argv.push_back(const_cast<char*>(argument.c_str()));
        argv.push_back(nullptr);
        if (posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(), environ) != 0) give_up("cannot start " + program);
        posix_spawn_file_actions_destroy(&actions);
        ::close(out[1]);
        std::string text;
        for (char c = 0; ::read(out[0], &c, 1) == 1 && !(wait_for_port && c == '\n' && text.starts_with("listening on "));)
            text += c;
        ::close(out[0]);
        if (wait_for_port && text.starts_with("listening on ")) url_ = text.substr(13);
    }
    ~Process() {
        if (pid_ > 0) kill_nine();
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;
    [[nodiscard]] const std::string& url() const { return url_; }
    void kill_nine() {
        ::kill(pid_, SIGKILL);
        (void)wait();
    }
    int wait() {
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = 0;
        return status;
    }

private:
    pid_t pid_ = 0;
    std::string url_;
};

class Test {
public:
    Test(std::string tallyd, fs::path work, u64 seed) : tallyd_(std::move(tallyd)), work_(std::move(work)), dice_(seed) {}

    void make();
    void round(int load_ms);
    /// Starts once more, looks at everything again and ends.
    void finish();

    u64 acknowledged = 0, unanswered_found = 0, sent_again = 0, duplicates = 0, blocks = 0;
    std::vector<std::string> problems;

private:
    void wrong(std::string what) { problems.push_back(std::move(what)); }
    std::unique_ptr<Process> start() {
        auto node = std::make_unique<Process>(tallyd_, std::vector<std::string>{"start", directory(), "--listen", "127.0.0.1:0", "--log-level", "off", "--min-free-bytes", "1"}, true);
        if (node->url().empty()) give_up("the node does not start again");
        return node;
    }
    Client connect(const Process& node) {
        auto client = Client::connect(node.url());
        if (!client) give_up(client.error().line());
        return std::move(*client);
    }
    [[nodiscard]] std::string directory() const { return (work_ / "node").string(); }
    Payment payment(u64 height);
    SubmitAnswer must(Client& client, PartyId signer, Payload payload);
    Bytes signed_by(PartyId signer, const IntentId& intent, u64 height, Payload payload);
    void load(const Process& node, Clock::time_point until, std::size_t port);
    void check(Client& client);
    void check_answered(Client& client, const Payment& payment, const SubmitAnswer& answer);
    i128 balance(Client& client, PartyId owner);
    void resend(Client& client, const std::vector<Payment>& payments, bool answered);

    std::string tallyd_;
    fs::path work_;
    std::mt19937_64 dice_;
    std::mutex mutex_;                ///< of the dice and `last_`
    std::vector<Payment> last_;       ///< sent since the last kill
    AccountId from_ = 0, to_ = 0;
    u64 height_ = 0;
    i128 paid_ = 0;
    std::vector<Payment> all_;
};

Bytes Test::signed_by(PartyId signer, const IntentId& intent, u64 height, Payload payload) {
    Transaction transaction{{signer}, intent, height + 9000, 1'000'000, std::move(payload)};
    const SigningKey key = key_of(signer);
    return sign("kill", transaction, std::span(&key, 1));
}

Payment Test::payment(u64 height) {
    Payment out;
    {
        const std::lock_guard lock(mutex_);
        for (auto& byte : out.intent)
            byte = static_cast<std::uint8_t>(dice_());
        out.amount = static_cast<i128>(dice_() % 100'000 + 1);
    }
    out.envelope = signed_by(payer, out.intent, height, Pay{from_, to_, out.amount});
    return out;
}

SubmitAnswer Test::must(Client& client, PartyId signer, Payload payload) {
    IntentId intent{};
    for (auto& byte : intent)
        byte = static_cast<std::uint8_t>(dice_());
    const Bytes envelope = signed_by(signer, intent, 0, std::move(payload));
    const auto answers = client.submit(std::span(&envelope, 1));
    if (!answers) give_up(answers.error().line());
    if (answers->front().rejected || answers->front().trap != Trap::None) give_up("the ledger cannot be set up: " + answers->front().note);
    return answers->front();
}

void Test::make() {
    std::string parties;
    for (const PartyId party : {registrar, payer, receiver})
        parties += fmt::format(R"({}{{"name": "{}", "key": "{}"{}}})", parties.empty() ? "" : ", ", names[party - 1], key_text(key_of(party).public_key), party == registrar ? R"(, "issuer_of": ["USD"])" : "");
    const fs::path genesis = work_ / "genesis.json";
    std::ofstream(genesis) << fmt::format(R"({{"chain": "kill", "start": "2026-01-01", "parties": [{}]}})", parties);
    if (Process(tallyd_, {"init", directory(), "--genesis", genesis.string()}, false).wait() != 0) give_up("tallyd init fails");
    const auto node = start();
    Client client = connect(*node);
    from_ = must(client, payer, OpenAccount{usd}).created;
    to_ = must(client, receiver, OpenAccount{usd}).created;
    must(client, registrar, Issue{from_, issued});
}

/// Sends payments until the node is gone. What was answered has its height.
void Test::load(const Process& node, Clock::time_point until, std::size_t port) {
    auto client = Client::connect(node.url());
    for (unsigned n = 0; client && Clock::now() < until; ++n) {
        std::vector<Payment> batch;
        for (unsigned i = 0; i < 1 + (n * 5 + port) % payments_max; ++i)
            batch.push_back(payment(height_));
        std::vector<Bytes> envelopes;
        for (const Payment& one : batch)
            envelopes.push_back(one.envelope);
        const auto answers = client->submit(envelopes, true);
        for (std::size_t i = 0; answers && i < batch.size(); ++i)
            if (!(*answers)[i].rejected && (*answers)[i].trap == Trap::None) batch[i].height = (*answers)[i].height;
        const std::lock_guard lock(mutex_);
        last_.insert(last_.end(), batch.begin(), batch.end());
        if (!answers) return;
    }
}

void Test::check_answered(Client&, const Payment& payment, const SubmitAnswer& answer) {
    const Json* const duplicate = answer.json.member("duplicate");
    if (answer.rejected || answer.trap != Trap::None || duplicate == nullptr || duplicate->text != "true")
        return wrong(fmt::format("{} was acknowledged and is lost", hex(payment.intent)));
    ++duplicates;
    if (answer.height != payment.height) wrong(fmt::format("{} was in block {} and is in {}", hex(payment.intent), payment.height, answer.height));
}

void Test::resend(Client& client, const std::vector<Payment>& payments, bool answered) {
    if (payments.empty()) return;
    std::vector<Bytes> envelopes;
    for (const Payment& one : payments)
        envelopes.push_back(one.envelope);
    const auto answers = client.submit(envelopes);
    if (!answers) give_up(answers.error().line());
    for (std::size_t i = 0; i < payments.size(); ++i) {
        const SubmitAnswer& answer = (*answers)[i];
        if (answered) {
            check_answered(client, payments[i], answer);
        } else if (answer.rejected || answer.trap != Trap::None) {
            wrong(fmt::format("{}, which was not answered, is refused now", hex(payments[i].intent)));
        }
    }
}

i128 Test::balance(Client& client, PartyId owner) {
    const auto answer = client.get(fmt::format("/v1/accounts?owner={}&currency=USD", names[owner - 1]));
    const Json* const account = answer ? answer->member("account") : nullptr;
    if (account == nullptr) give_up("no account");
    return decimal_parse(text_in(*account, "balance"), 2).value();
}

void Test::check(Client& client) {
    const auto status = client.get("/v1/status");
    if (!status) give_up(status.error().line());
    const u64 height = number_in(*status, "height");
    if (height < height_) wrong(fmt::format("the height went back from {} to {}", height_, height));
    std::vector<Payment> answered, missing;
    for (const Payment& one : last_) {
        height_ = std::max(height_, one.height);
        if (one.height != 0) {
            answered.push_back(one);
        } else if (client.get("/v1/receipts/" + hex(one.intent))) {
            ++unanswered_found;
        } else {
            missing.push_back(one);
        }
        paid_ += one.amount; // now, or when it is sent again
    }
    if (height < height_) wrong(fmt::format("block {} was acknowledged, the height is {}", height_, height));
    height_ = std::max(height, height_);
    acknowledged += answered.size();
    sent_again += missing.size();
    resend(client, answered, true);
    resend(client, missing, false);
    const i128 has = balance(client, receiver), left = balance(client, payer);
    if (has != paid_) wrong(fmt::format("the receiver has {}, all payments together are {}", int_text(has), int_text(paid_)));
    if (has + left != issued) wrong(fmt::format("{} were issued, {} are there", int_text(issued), int_text(has + left)));
    all_.insert(all_.end(), last_.begin(), last_.end());
    last_.clear();
}

void Test::round(int load_ms) {
    const auto node = start();
    {
        Client client = connect(*node);
        check(client);
    }
    const auto until = Clock::now() + std::chrono::milliseconds(load_ms * 4);
    std::vector<std::thread> clients;
    for (std::size_t port = 0; port < ports; ++port)
        clients.emplace_back([&, port] { load(*node, until, port); });
    std::this_thread::sleep_for(std::chrono::milliseconds(load_ms) + std::chrono::microseconds(dice_() % 1000));
    node->kill_nine();
    for (std::thread& client : clients)
        client.join();
}

void Test::finish() {
    const auto node = start();
    Client client = connect(*node);
    check(client);
    blocks = height_;
    // From all there ever was, not only what came before the last kill; their sum was compared already.
    const std::size_t stride = all_.size() / looked_at_last + 1;
    for (std::size_t i = 0; i < all_.size(); i += stride)
        if (!client.get("/v1/receipts/" + hex(all_[i].intent))) wrong(hex(all_[i].intent) + " is not there at the end");
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"kill -9 at random under load: nothing acknowledged is lost, nothing counts twice"};
    std::string tallyd, json, work = fs::temp_directory_path().string();
    int kills = 500;
    u64 seed = 1;
    app.add_option("TALLYD", tallyd, "the program")->required();
    app.add_option("--kills", kills, "how many");
    app.add_option("--seed", seed, "of moments and amounts");
    app.add_option("--work", work, "a folder for the ledger");
    app.add_option("--json", json, "write the figures there too");
    CLI11_PARSE(app, argc, argv);
    std::signal(SIGPIPE, SIG_IGN);
    std::string name = (fs::path(work) / "tally_kill_XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) give_up("no folder in " + work);
    const auto begin = Clock::now();
    Test test(fs::absolute(tallyd).string(), name, seed);
    test.make();
    std::mt19937_64 moments(seed);
    for (int i = 0; i < kills && test.problems.empty(); ++i)
        test.round(static_cast<int>(moments() % 50) + 5);
    test.finish();
    fs::remove_all(name);
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    const bool idle = test.acknowledged < static_cast<u64>(kills); // a load that is none proves nothing
    const bool good = test.problems.empty() && !idle;
    for (const std::string& problem : test.problems)
        fmt::print("FAILED: {}\n", problem);
    if (idle) fmt::print("FAILED: only {} payments were acknowledged\n", test.acknowledged);
    fmt::print("kill_nine: {} kills in {:.1f} s, {} blocks; {} payments acknowledged, {} of them answered as duplicates when sent again; "
               "of those not answered {} were there and {} were not\n",
               kills, seconds, test.blocks, test.acknowledged, test.duplicates, test.unanswered_found, test.sent_again);
    if (!json.empty())
        std::ofstream(json) << fmt::format("{{\"kills\": {}, \"seconds\": {:.1f}, \"acknowledged\": {}, \"duplicates\": {}, \"unanswered_found\": {}, \"sent_again\": {}, \"problems\": {}, \"good\": {}}}\n",
                                           kills, seconds, test.acknowledged, test.duplicates, test.unanswered_found, test.sent_again, test.problems.size(), good);
    return good ? 0 : 1;
}
