#include "wallet/cli/labels/prelabel_report.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/crypto/sha256.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <fstream>
#include <sstream>

namespace wallet::cli {
namespace {

/// Forty items of two classes; every even one is of the first.
PrelabelRun run_in(const std::filesystem::path& out)
{
    PrelabelRun run;
    run.out = out;
    run.classes = {"healthy", "rust, brown"};
    run.teachers = {{"leaves/1", {}, {}, {}}, {"plants/7", {}, {}, {}}};
    run.rules = {0.3, 0.8};
    run.plan.seed = ledger::sha256(ledger::as_bytes("seed"));
    run.plan.each = 10;
    for (std::size_t i = 0; i < 40; ++i) {
        PoolItem item;
        item.name = "leaf " + std::to_string(i);
        item.hash = ledger::sha256(ledger::as_bytes(item.name));
        const auto first = i % 2 == 0 ? 0.9 : 0.1;
        item.probabilities = {first, 1 - first, first, 1 - first};
        judge(item, 2);
        run.pool.push_back(item);
    }
    run.people.resize(40);
    run.sample = sample_of(run.pool, 2, 10, run.plan.seed);
    return run;
}

Prelabelled label(const PrelabelRun& run)
{
    return prelabel(run.pool, run.people, run.sample, run.teachers.size(), run.rules);
}

void verify_sample(PrelabelRun& run, std::uint32_t wrong_by = 0)
{
    for (const auto& of : run.sample)
        for (const auto i : of) run.people[i].label = (run.pool[i].predicted + wrong_by) % 2;
}

std::string text_of(const std::filesystem::path& file)
{
    std::ifstream in{file};
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

unsigned mode_of(const std::filesystem::path& file)
{
    struct stat about {};
    stat(file.c_str(), &about);
    return about.st_mode & 0777;
}

TEST(PrelabelReport, PeopleAreAskedWithoutBeingToldWhatTheModelsSay)
{
    const ledger::TemporaryFolder folder;
    const auto run = run_in(folder.path());
    EXPECT_EQ(ask_people(run), "verify.csv");
    const auto table = text_of(folder.path() / "verify.csv");
    EXPECT_EQ(table.substr(0, table.find('\n')), "item,label");
    EXPECT_EQ(table.find("healthy"), std::string::npos);
    EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 21);
    std::size_t last = 0;
    for (const auto i : run.sample[0]) last = std::max(last, table.find(run.pool[i].name + ","));
    std::size_t first = table.size();
    for (const auto i : run.sample[1]) first = std::min(first, table.find(run.pool[i].name + ","));
    EXPECT_LT(first, last) << "not one class after the other";
    EXPECT_EQ(mode_of(folder.path() / "verify.csv"), 0600u);
}

TEST(PrelabelReport, ATableThatPeopleWriteIntoIsNeverWrittenOver)
{
    const ledger::TemporaryFolder folder;
    auto run = run_in(folder.path());
    ASSERT_EQ(ask_people(run), "verify.csv");
    const auto asked = text_of(folder.path() / "verify.csv");
    EXPECT_EQ(ask_people(run), "") << "all of it is asked for already";
    run.sample = sample_of(run.pool, 2, 13, run.plan.seed);
    EXPECT_EQ(ask_people(run), "verify-2.csv");
    const auto more = text_of(folder.path() / "verify-2.csv");
    EXPECT_EQ(std::count(more.begin(), more.end(), '\n'), 7) << "three more of each class";
    EXPECT_EQ(text_of(folder.path() / "verify.csv"), asked);
    verify_sample(run);
    std::filesystem::remove(folder.path() / "verify.csv");
    std::filesystem::remove(folder.path() / "verify-2.csv");
    EXPECT_EQ(ask_people(run), "") << "people have said all";
}

TEST(PrelabelReport, LabelsSayWhatTheyAreOfAndWhoSaysSo)
{
    const ledger::TemporaryFolder folder;
    auto run = run_in(folder.path());
    verify_sample(run);
    const auto made = label(run);
    ASSERT_EQ(made.automatic.size(), 20u);
    write_results(run, made);
    const auto table = text_of(folder.path() / "auto.csv");
    const auto& item = run.pool[made.automatic[0]];
    const auto row = item.name + "," + (item.predicted == 0 ? "healthy" : "\"rust, brown\"") +
                     ",90,0.900000," + ledger::to_hex(item.hash.view()) + ",leaves/1+plants/7\n";
    EXPECT_NE(table.find(row), std::string::npos) << row << table;
    const auto read = read_labels(ledger::as_bytes(table), run.classes, 40, [&] {
        std::vector<std::string> names;
        for (const auto& one : run.pool) names.push_back(one.name);
        return names;
    }());
    ASSERT_TRUE(read.has_value()) << read.error().detail;
    for (const auto i : made.automatic) EXPECT_EQ((*read)[i].label, run.pool[i].predicted);
    EXPECT_EQ(text_of(folder.path() / "queue.csv"), "item,predicted,probability\n");
    EXPECT_EQ(mode_of(folder.path() / "auto.csv"), 0600u);
    EXPECT_EQ(mode_of(folder.path() / "certificate.json"), 0600u);
}

TEST(PrelabelReport, ACertificateSaysByWhatSampleAndCommitsToHowItWasDrawn)
{
    const ledger::TemporaryFolder folder;
    auto run = run_in(folder.path());
    verify_sample(run);
    const auto document = certificate_json(run, label(run));
    EXPECT_EQ(document["seedSha256"],
              ledger::to_hex0x(ledger::sha256(run.plan.seed.view()).view()));
    EXPECT_EQ(document.dump().find(ledger::to_hex(run.plan.seed.view())), std::string::npos)
        << "who knows the seed knows what nobody looks at";
    EXPECT_EQ(document["models"], json({"leaves/1", "plants/7"}));
    EXPECT_EQ(document["leastVerified"], 5);
    ASSERT_EQ(document["classes"].size(), 2u);
    const auto& first = document["classes"][0];
    ASSERT_EQ(first["sample"].size(), 10u);
    EXPECT_EQ(first["sample"][0], run.pool[run.sample[0][0]].name);
    EXPECT_EQ(first["verified"], 10);
    EXPECT_EQ(first["errors"], 0);
    EXPECT_EQ(first["labelled"], 10);
    EXPECT_LE(first["bound"].get<double>(), 0.3);
}

TEST(PrelabelReport, WhyAClassHasNoLabelsOfItsOwnIsSaid)
{
    const ledger::TemporaryFolder folder;
    auto run = run_in(folder.path());
    const auto said = [&] { return class_text(run, label(run), 0); };
    EXPECT_EQ(said(), "none labels itself: people labelled 0 of a sample of 10");
    verify_sample(run, 1);
    EXPECT_NE(said().find("that people verified are wrong"), std::string::npos) << said();
    verify_sample(run);
    EXPECT_NE(said().find("10 label themselves; from a confidence of 0.9000 on"), std::string::npos)
        << said();
    run.sample[0].resize(4);
    EXPECT_EQ(said(), "none labels itself: 4 items are too few for a sample of 5");
}

TEST(PrelabelReport, ANameThatIsNoUnicodeStopsNothing)
{
    const ledger::TemporaryFolder folder;
    auto run = run_in(folder.path());
    for (auto& item : run.pool) item.name = "f\xfcr " + item.name;
    EXPECT_NO_THROW(write_results(run, label(run)));
    EXPECT_EQ(ask_people(run), "verify.csv");
}

}  // namespace
}  // namespace wallet::cli
