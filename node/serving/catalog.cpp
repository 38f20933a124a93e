#include "node/serving/catalog.hpp"

#include "ledger/base/ensure.hpp"

#include <charconv>

namespace node {

void CacheStats::hit(std::chrono::nanoseconds time)
{
    const std::lock_guard lock{mutex_};
    hits_.add(time);
}

void CacheStats::miss(std::chrono::nanoseconds time)
{
    const std::lock_guard lock{mutex_};
    misses_.add(time);
}

std::pair<CacheStats::Duration, CacheStats::Duration> CacheStats::hits_and_misses() const
{
    const std::lock_guard lock{mutex_};
    return {hits_, misses_};
}

std::shared_ptr<const Catalog::Models> Catalog::models() const
{
    const std::lock_guard lock{mutex_};
    return models_;
}

std::shared_ptr<const ServedModel> Catalog::find(std::string_view name) const
{
    const auto all = models();
    const auto found = all->find(name);
    return found == all->end() ? nullptr : found->second;
}

void Catalog::publish(Models models)
{
    auto next = std::make_shared<const Models>(std::move(models));
    const std::lock_guard lock{mutex_};
    models_.swap(next);
}

void Catalog::close()
{
    const auto all = models();
    for (const auto& [name, model] : *all)
        for (const auto* versions : {&model->versions, &model->leaving})
            for (const auto& [ver, version] : *versions) version->pool->close();
}

std::shared_ptr<const ServedVersion> find_version(const Versions& versions,
                                                  std::string_view version)
{
    std::uint32_t number = 0;
    const auto* last = version.data() + version.size();
    const auto [end, error] = std::from_chars(version.data(), last, number);
    if (error != std::errc{} || end != last || version.empty() || version[0] == '0') return nullptr;
    const auto found = versions.find(market::Version{number});
    return found == versions.end() ? nullptr : found->second;
}

const std::shared_ptr<const ServedVersion>& newest_version(const ServedModel& model)
{
    ledger::ensure(!model.versions.empty(), "a model that takes calls has a version");
    const auto newest = model.versions.rbegin();
    const auto before = std::next(newest);
    const bool shadows = newest->first == model.shadow.ver;
    return shadows && before != model.versions.rend() ? before->second : newest->second;
}

}  // namespace node
