#include "samples/arguments/samples_json.hpp"

#include "samples/arguments/field_reader.hpp"

#include <algorithm>
#include <filesystem>

namespace samples {
namespace {

using nlohmann::json;

constexpr std::size_t most_numbers = 65'536;  // of means and deviations: one for each feature

bool leaves_the_samples(const std::filesystem::path& name)
{
    return name.has_root_path() ||
           std::ranges::any_of(name, [](const auto& part) { return part == ".."; });
}

void check(FieldReader& reader, const SampleArguments& read)
{
    if (leaves_the_samples(read.labels))
        reader.wrong("labels", "is not the name of one of the samples");
    if (std::ranges::any_of(read.deviation, [](double each) { return each <= 0; }))
        reader.wrong("deviation", "is not above 0");
}

}  // namespace

json samples_json(const SampleArguments& arguments)
{
    json object{{"labels", arguments.labels},       {"input", arguments.input},
                {"features", arguments.features},   {"targets", arguments.targets},
                {"ignored", arguments.ignored},     {"classes", arguments.classes},
                {"slice", arguments.slice},         {"delimiter", arguments.delimiter},
                {"invert", arguments.invert},       {"mean", arguments.mean},
                {"deviation", arguments.deviation}, {"rate", arguments.rate}};
    object["kind"] = arguments.kind;
    object["targetKind"] = arguments.target_kind;
    if (arguments.has_scale) object["scale"] = arguments.scale;
    return object;
}

ledger::Result<SampleArguments> read_samples_json(const json& from, const std::string& within)
{
    if (!from.is_object()) return ledger::invalid("what is said of samples is no JSON object");
    const Limits limits;
    SampleArguments read;
    FieldReader reader{from, within};
    reader.one_of("kind", {"", "pictures", "wav", "csv", "idx", "npy"}, read.kind);
    reader.text("labels", limits.name_bytes, read.labels);
    reader.text("input", limits.name_bytes, read.input);
    reader.one_of("targetKind", {"", "none", "classes", "numbers"}, read.target_kind);
    reader.texts("features", limits.columns, limits.name_bytes, read.features);
    reader.texts("targets", limits.columns, limits.name_bytes, read.targets);
    reader.texts("ignored", limits.columns, limits.name_bytes, read.ignored);
    reader.texts("classes", limits.classes, limits.name_bytes, read.classes);
    reader.text("slice", limits.name_bytes, read.slice);
    // A tab is a control character, and what many files have between their columns.
    if (const auto* value = reader.find("delimiter")) {
        if (value->is_string() && value->get_ref<const std::string&>().size() == 1)
            read.delimiter = value->get<std::string>();
        else
            reader.wrong("delimiter", "is not one character");
    }
    read.has_scale = reader.number("scale", read.scale);
    reader.flag("invert", read.invert);
    reader.numbers("mean", most_numbers, read.mean);
    reader.numbers("deviation", most_numbers, read.deviation);
    std::uint64_t rate = 0;
    reader.count("rate", 0, UINT32_MAX, rate);
    read.rate = static_cast<std::uint32_t>(rate);
    check(reader, read);
    if (auto fault = reader.fault(); !fault.empty()) return ledger::invalid(std::move(fault));
    return read;
}

}  // namespace samples
