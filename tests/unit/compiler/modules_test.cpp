// What a module may take from others: locks and packages.
#include <doctest/doctest.h>

#include "compiler/compile.hpp"
#include "compiler/lock.hpp"

#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace tally::test {
namespace {

namespace fs = std::filesystem;

/// A folder of sources that is gone afterwards.
class Folder {
public:
    Folder() {
        std::string name = (fs::temp_directory_path() / "tally_modules_XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    ~Folder() { fs::remove_all(path_); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name, std::ios::binary) << text;
        return (path_ / name).string();
    }

private:
    fs::path path_;
};

std::string code_of(const std::string& path) {
    const auto c = check_file(path);
    const auto all = c->sink.sorted();
    return all.empty() ? "" : std::string(diag_info(all[0].kind).code);
}

const std::string rates = "module bank.rates version 1;\npub fn prime() -> Rate { return 5% pa; }\npub(package) fn inner() -> Rate { return 4% pa; }\n";

} // namespace

TEST_CASE("what is imported must be what the lock says") {
    const Folder folder;
    folder.write("rates.tally", rates);
    const auto loan = folder.write("loan.tally", "module bank.loan version 1;\nimport bank.rates { prime };\npub fn rate() -> Rate { return prime(); }\n");
    CHECK(code_of(loan) == "");
    folder.write(lock_name, lock_text({{"bank.rates", import_hash(rates)}}));
    CHECK(code_of(loan) == "");
    folder.write("rates.tally", rates + "// one more byte\n");
    CHECK(code_of(loan) == "T2044");
    CHECK(check_file(loan, Locked::No)->sink.empty());
    folder.write("rates.tally", rates);
    folder.write(lock_name, lock_text({}));
    CHECK(code_of(loan) == "T2044"); // not in it
    folder.write(lock_name, "bank.rates 00\n");
    CHECK(code_of(loan) == "T2044"); // no lock file
}

TEST_CASE("a lock is read as it was written, and nothing else is one") {
    const Lock lock{{"a.b", import_hash("x")}, {"c", import_hash("y")}};
    CHECK(read_lock(lock_text(lock)) == lock);
    CHECK(read_lock("") == Lock{});
    for (const char* bad : {"a", "a zz", "a 00", " 00"}) CHECK_FALSE(read_lock(bad));
    const auto line = "a " + std::string(64, '0') + "\n";
    CHECK(read_lock(line));
    CHECK_FALSE(read_lock(line + line));
}

TEST_CASE("pub(package) is for modules of the same package") {
    const Folder folder;
    folder.write("rates.tally", rates);
    const auto inside = folder.write("loan.tally", "module bank.loan version 1;\nimport bank.rates { inner };\npub fn rate() -> Rate { return inner(); }\n");
    const auto outside = folder.write("other.tally", "module other.loan version 1;\nimport bank.rates { inner };\npub fn rate() -> Rate { return inner(); }\n");
    CHECK(code_of(inside) == "");
    CHECK(code_of(outside) == "T2043");
}

} // namespace tally::test
