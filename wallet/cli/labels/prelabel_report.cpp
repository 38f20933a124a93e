#include "wallet/cli/labels/prelabel_report.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "ledger/crypto/sha256.hpp"
#include "wallet/client/channel_folder.hpp"
#include "wallet/keys/private_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace wallet::cli {
namespace {

namespace fs = std::filesystem;

void replace(const fs::path& file, const std::string& text)
{
    must(replace_private_file(file, text));
}

/// "digits/1" or "digits/1+leaves/3".
std::string sources_of(const PrelabelRun& run)
{
    std::string all;
    for (const auto& teacher : run.teachers) all += (all.empty() ? "" : "+") + teacher.name;
    return all;
}

std::string automatic_table(const PrelabelRun& run, const std::vector<std::size_t>& automatic)
{
    std::string table = "item,label,confidence,probability,sha256,source\n";
    const auto source = csv_field(sources_of(run));
    for (const auto i : automatic) {
        const auto& item = run.pool[i];
        table += fmt::format("{},{},{},{:.6f},{},{}\n", csv_field(item.name),
                             csv_field(run.classes[item.predicted]),
                             static_cast<int>(item.confidence * 100), item.confidence,
                             ledger::to_hex(item.hash.view()), source);
    }
    return table;
}

std::string queue_table(const PrelabelRun& run, const std::vector<std::size_t>& queue)
{
    std::string table = "item,predicted,probability\n";
    for (const auto i : queue)
        table += fmt::format("{},{},{:.6f}\n", csv_field(run.pool[i].name),
                             csv_field(run.classes[run.pool[i].predicted]), run.pool[i].confidence);
    return table;
}

std::string verify_name(std::size_t number)
{
    return number == 1 ? "verify.csv" : fmt::format("verify-{}.csv", number);
}

json names_json(const PrelabelRun& run, const std::vector<std::size_t>& items)
{
    json names = json::array();
    for (const auto i : items) names.push_back(run.pool[i].name);
    return names;
}

}  // namespace

json certificate_json(const PrelabelRun& run, const Prelabelled& made)
{
    json document{{"epsilon", run.rules.epsilon},
                  {"level", run.rules.level},
                  {"leastVerified", evaluation::least_verified(run.rules)},
                  {"seedSha256", ledger::to_hex0x(ledger::sha256(run.plan.seed.view()).view())},
                  {"sampleOfEach", run.plan.each},
                  {"models", json::array()},
                  {"classes", json::array()},
                  {"items", run.pool.size()},
                  {"verified", made.counted.size()},
                  {"labelled", made.automatic.size()},
                  {"queue", made.queue.size()},
                  {"charged", ledger::codec::to_json(run.charged)}};
    for (const auto& teacher : run.teachers) document["models"].push_back(teacher.name);
    for (std::size_t c = 0; c < run.classes.size(); ++c) {
        const auto& of = made.certificate.of[c];
        document["classes"].push_back(
            {{"class", run.classes[c]},
             {"threshold", of.threshold ? json(*of.threshold) : json(nullptr)},
             {"verified", of.verified},
             {"above", of.above},
             {"errors", of.errors},
             {"bound", of.bound},
             {"labelled", made.classes[c].automatic},
             {"said", made.classes[c].said},
             {"sample", names_json(run, run.sample[c])}});
    }
    return document;
}

std::string class_text(const PrelabelRun& run, const Prelabelled& made, std::size_t predicted)
{
    const auto& of = made.certificate.of[predicted];
    const auto wanted = run.sample[predicted].size();
    const auto least = evaluation::least_verified(run.rules);
    if (of.threshold)
        return fmt::format(
            "{} label themselves; from a confidence of {:.4f} on at most {:.2f} % are wrong",
            made.classes[predicted].automatic, *of.threshold, of.bound * 100);
    if (wanted < least)
        return fmt::format("none labels itself: {} items are too few for a sample of {}", wanted,
                           least);
    if (made.classes[predicted].said < wanted)
        return fmt::format("none labels itself: people labelled {} of a sample of {}",
                           made.classes[predicted].said, wanted);
    return fmt::format(
        "none labels itself: {} of the {} surest that people verified are wrong, up to {:.2f} %",
        of.errors, of.above, of.bound * 100);
}

void write_results(const PrelabelRun& run, const Prelabelled& made)
{
    replace(run.out / "auto.csv", automatic_table(run, made.automatic));
    replace(run.out / "queue.csv", queue_table(run, made.queue));
    replace(run.out / "certificate.json",
            certificate_json(run, made).dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

std::string ask_people(const PrelabelRun& run)
{
    std::set<std::string> asked;
    std::size_t number = 1;
    for (; fs::exists(run.out / verify_name(number)); ++number) {
        const auto file = run.out / verify_name(number);
        const auto names = must(read_item_names(read_input(file.string(), label_table_bytes)));
        asked.insert(names.begin(), names.end());
    }
    std::vector<std::size_t> wanted;
    for (const auto& of : run.sample)
        for (const auto i : of)
            if (run.people[i].label == market::no_label && !asked.contains(run.pool[i].name))
                wanted.push_back(i);
    if (wanted.empty()) return {};
    std::sort(wanted.begin(), wanted.end());
    std::string table = "item,label\n";
    for (const auto i : wanted) table += csv_field(run.pool[i].name) + ",\n";
    must(write_new_private_file(run.out / verify_name(number), table));
    return verify_name(number);
}

}  // namespace wallet::cli
