#include "wallet/cli/labels/sample_plan.hpp"

#include "ledger/base/hex.hpp"
#include "ledger/codec/json.hpp"
#include "wallet/keys/private_files.hpp"

namespace wallet::cli {
namespace {

/// A million items that were labelled before, and room for what else it says.
constexpr std::size_t plan_bytes = std::size_t{80} << 20;

std::string text_of(const SamplePlan& plan)
{
    json known = json::array();
    for (const auto& hash : plan.known) known.push_back(ledger::to_hex0x(hash.view()));
    return json{{"seed", ledger::to_hex0x(plan.seed.view())},
                {"each", plan.each},
                {"teachers", plan.teachers},
                {"known", std::move(known)}}
               .dump(2) +
           "\n";
}

/// Empty where it is none.
std::optional<SamplePlan> read_plan(const std::string& text)
{
    const auto read = ledger::codec::parse_json(text, {plan_bytes, 3});
    if (!read || !read->is_object() || read->size() != 4) return {};
    SamplePlan plan;
    const auto hash = [](const json& value) {
        return value.is_string() ? ledger::id_from_hex<ledger::Hash>(value.get<std::string>())
                                 : std::nullopt;
    };
    const auto seed = hash(read->value("seed", json{}));
    const auto each = read->value("each", json{});
    const auto teachers = read->value("teachers", json{}), known = read->value("known", json{});
    if (!seed || !each.is_number_unsigned() || !teachers.is_array() || !known.is_array()) return {};
    plan.seed = *seed;
    plan.each = each.get<std::uint64_t>();
    for (const auto& teacher : teachers) {
        if (!teacher.is_string()) return {};
        plan.teachers.push_back(teacher.get<std::string>());
    }
    for (const auto& item : known) {
        const auto one = hash(item);
        if (!one) return {};
        plan.known.insert(*one);
    }
    return plan;
}

}  // namespace

SamplePlan plan_of(const std::filesystem::path& folder, const SamplePlan& fresh, std::uint64_t each)
{
    const auto file = folder / "sample.json";
    if (!std::filesystem::exists(file)) must(write_new_private_file(file, text_of(fresh)));
    const auto kept = read_plan(must(read_private_file(file, plan_bytes)));
    if (!kept)
        fail(Fault::failed, file.string() +
                                " is damaged: with another --out a sample is drawn "
                                "anew");
    if (kept->teachers != fresh.teachers)
        fail(Fault::usage, folder.string() +
                               " has what other models said, or the same otherwise: name another "
                               "--out, whose sample they have not seen");
    if (each != 0 && kept->each != each)
        fail(Fault::usage, "the sample of " + folder.string() + " has " +
                               std::to_string(kept->each) +
                               " items of each class, which is not changed once it is drawn: name "
                               "another --out");
    return *kept;
}

}  // namespace wallet::cli
