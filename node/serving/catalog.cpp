#include "node/serving/catalog.hpp"

#include "ledger/base/ensure.hpp"

#include <charconv>

namespace node {

bool Catalog::add(ServedModel model)
{
    ledger::ensure(!model.versions.empty(), "a served model has a version");
    auto name = model.name;
    return models_.emplace(std::move(name), std::move(model)).second;
}

const ServedModel* Catalog::find(std::string_view name) const
{
    const auto found = models_.find(name);
    return found == models_.end() ? nullptr : &found->second;
}

void Catalog::close()
{
    for (auto& [name, model] : models_)
        for (auto& [ver, version] : model.versions) version.pool->close();
}

const ServedVersion* find_version(const ServedModel& model, std::string_view version)
{
    std::uint32_t number = 0;
    const auto* last = version.data() + version.size();
    const auto [end, error] = std::from_chars(version.data(), last, number);
    if (error != std::errc{} || end != last || version.empty() || version[0] == '0') return nullptr;
    const auto found = model.versions.find(market::Version{number});
    return found == model.versions.end() ? nullptr : &found->second;
}

const ServedVersion& newest_version(const ServedModel& model)
{
    return model.versions.rbegin()->second;
}

}  // namespace node
