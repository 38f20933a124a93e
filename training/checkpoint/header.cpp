#include "training/checkpoint/header.hpp"

#include "ledger/base/hex.hpp"

#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <stdexcept>

namespace training::checkpoint_file {
namespace {

using ledger::Result;
using nlohmann::json;

constexpr std::size_t most_dims = 16;

constexpr std::pair<std::string_view, at::ScalarType> types[] = {{"FP32", at::kFloat},
                                                                 {"FP64", at::kDouble},
                                                                 {"FP16", at::kHalf},
                                                                 {"BF16", at::kBFloat16},
                                                                 {"INT64", at::kLong}};

std::string_view name_of(at::ScalarType type)
{
    for (const auto& [name, each] : types)
        if (each == type) return name;
    return "";
}

std::optional<at::ScalarType> type_named(std::string_view text)
{
    for (const auto& [name, each] : types)
        if (name == text) return each;
    return {};
}

ledger::Error damaged(const std::string& why)
{
    return {ledger::ErrorKind::corrupt, "the checkpoint's header " + why};
}

std::optional<TensorPlace> place_of(const json& said)
{
    TensorPlace place;
    place.name = said.at("name").get<std::string>();
    const auto type = type_named(said.at("type").get_ref<const std::string&>());
    const auto& dims = said.at("dims");
    if (!type || !dims.is_array() || dims.size() > most_dims) return {};
    place.type = *type;
    place.bytes = c10::elementSize(*type);
    for (const auto& each : dims) {
        if (!each.is_number_unsigned()) return {};
        const auto size = each.get<std::uint64_t>();
        if (size > INT32_MAX || __builtin_mul_overflow(place.bytes, size, &place.bytes)) return {};
        place.dims.push_back(static_cast<std::int64_t>(size));
    }
    return place;
}

template <class Fixed>
Fixed fixed_from(const json& said, const char* name)
{
    const auto value = ledger::id_from_hex<Fixed>(said.at(name).get_ref<const std::string&>());
    if (!value) throw std::invalid_argument{name};
    return *value;
}

}  // namespace

std::string header_text(const Checkpoint& from)
{
    auto tensors = json::array();
    for (const auto& each : from.tensors)
        tensors.push_back({{"name", each.name},
                           {"type", name_of(each.tensor.scalar_type())},
                           {"dims", each.tensor.sizes().vec()}});
    json header{{"base", ledger::to_hex0x(from.base.view())},
                {"recipe", ledger::to_hex0x(from.recipe.view())},
                {"teacher", ledger::to_hex0x(from.teacher.view())},
                {"samples", from.samples},
                {"validation", from.validation},
                {"threads", from.threads},
                {"step", from.step},
                {"loss_sum", from.loss_sum},
                {"hits", from.hits},
                {"since_best", from.since_best},
                {"measured_step", from.measured_step},
                {"ended", from.ended},
                {"tensors", std::move(tensors)}};
    if (from.has_best) header["best"] = {{"value", from.best}, {"step", from.best_step}};
    if (!from.workers.is_one()) header["workers"] = from.workers.text();
    return header.dump(-1, ' ', false, json::error_handler_t::replace);
}

Result<Header> read_header(ledger::ByteView text, const CheckpointLimits& limits)
{
    const auto said = json::parse(text.begin(), text.end(), nullptr, false);
    if (!said.is_object()) return damaged("is no JSON object");
    try {
        Header header;
        auto& to = header.checkpoint;
        to.base = fixed_from<inference::ContentId>(said, "base");
        to.recipe = fixed_from<ledger::Hash>(said, "recipe");
        to.teacher = fixed_from<inference::ContentId>(said, "teacher");
        said.at("samples").get_to(to.samples);
        said.at("validation").get_to(to.validation);
        said.at("threads").get_to(to.threads);
        said.at("step").get_to(to.step);
        said.at("loss_sum").get_to(to.loss_sum);
        said.at("hits").get_to(to.hits);
        said.at("since_best").get_to(to.since_best);
        said.at("measured_step").get_to(to.measured_step);
        said.at("ended").get_to(to.ended);
        if (const auto workers = said.find("workers"); workers != said.end()) {
            const auto counts = WorkerCounts::read(workers->get_ref<const std::string&>());
            if (!counts) return damaged("says of workers what makes no sense");
            to.workers = *counts;
        }
        if (const auto best = said.find("best"); best != said.end()) {
            to.has_best = true;
            best->at("value").get_to(to.best);
            best->at("step").get_to(to.best_step);
        }
        const auto& tensors = said.at("tensors");
        if (!tensors.is_array() || tensors.size() > limits.tensors)
            return damaged("names too many tensors");
        for (const auto& each : tensors) {
            auto place = place_of(each);
            if (!place ||
                __builtin_add_overflow(header.tensor_bytes, place->bytes, &header.tensor_bytes))
                return damaged("says of a tensor what none is");
            header.tensors.push_back(std::move(*place));
        }
        return header;
    } catch (const std::exception&) {
        return damaged("lacks a field, or has one of another type");
    }
}

ledger::ByteView bytes_of(const at::Tensor& contiguous)
{
    return {static_cast<const std::uint8_t*>(contiguous.data_ptr()), contiguous.nbytes()};
}

}  // namespace training::checkpoint_file
