#include "node/serving/model_keeper.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace node {

using ledger::Error;
using ledger::ErrorKind;
using ledger::Result;

namespace {

/// Before an idle model that could not be loaded is tried again.
constexpr std::chrono::seconds wake_pause{1};

}  // namespace

ModelKeeper::ModelKeeper(Catalog& catalog, const Clock& clock, std::chrono::seconds offers_last)
    : catalog_{catalog}, clock_{clock}, offers_last_{offers_last}
{
}

ModelKeeper::~ModelKeeper()
{
    close();
}

namespace {

/// A file may be too large for what memory is left, and a state that makes no sense throws.
Result<ServedModel> load_safely(const WantedModel& wanted, const ServedModel* present)
try {
    return wanted.load(present);
} catch (const std::exception& problem) {
    return Error{ErrorKind::unavailable, "model " + wanted.name + ": " + problem.what()};
}

}  // namespace

Result<void> ModelKeeper::set_all(std::vector<WantedModel> wanted)
{
    const std::lock_guard lock{changing_};
    std::map<std::string, ServedModel, std::less<>> loaded;
    for (const auto& model : wanted) {
        const auto known = slots_.find(model.name);
        const auto* present = known == slots_.end() ? nullptr : known->second.now.get();
        if (loaded.contains(model.name))
            return Error{ErrorKind::invalid, "model " + model.name + ": the name stands twice"};
        auto made = load_safely(model, present);
        if (!made) return made.error();
        loaded.emplace(model.name, std::move(*made));
    }
    Slots next;
    for (auto& model : wanted) {
        const auto known = slots_.find(model.name);
        const auto* present = known == slots_.end() ? nullptr : known->second.now.get();
        auto name = model.name;
        auto now = follow(present, std::move(loaded.at(name)));
        next.emplace(std::move(name), Slot{std::move(model), std::move(now)});
    }
    for (auto& [name, slot] : slots_) {
        if (next.contains(name)) continue;
        // Whoever holds an offer is served until it is over, then the name goes.
        let_go(slot, ModelState::unloaded);
        slot.wanted.load = {};
        if (!slot.now->leaving.empty()) next.emplace(name, std::move(slot));
    }
    slots_ = std::move(next);
    publish();
    return {};
}

Result<void> ModelKeeper::load(WantedModel wanted)
{
    const std::lock_guard lock{changing_};
    const auto name = wanted.name;
    auto [at, is_new] = slots_.try_emplace(name);
    auto before = std::exchange(at->second.wanted, std::move(wanted));
    auto done = load(at->second);
    if (!done && !is_new) at->second.wanted = std::move(before);
    return done;
}

Result<void> ModelKeeper::load(const std::string& name)
{
    const std::lock_guard lock{changing_};
    const auto at = slots_.find(name);
    if (at == slots_.end() || !at->second.wanted.load)
        return Error{ErrorKind::not_found, "unknown model: " + name};
    return load(at->second);
}

Result<void> ModelKeeper::load(Slot& slot)
{
    const bool takes_calls = slot.now && slot.now->state == ModelState::ready;
    const auto state_before = slot.now ? slot.now->state : ModelState::failed;
    if (!takes_calls) {
        set_state(slot, ModelState::loading, {});
        publish();
    }
    auto made = load_safely(slot.wanted, slot.now.get());
    if (!made) {
        spdlog::warn("{}", made.error().detail);
        const auto after = takes_calls                            ? ModelState::ready
                           : state_before == ModelState::unloaded ? ModelState::unloaded
                           : state_before == ModelState::idle     ? ModelState::idle
                                                                  : ModelState::failed;
        set_state(slot, after, made.error().detail);
        publish();
        return made.error();
    }
    slot.now = follow(slot.now.get(), std::move(*made));
    publish();
    return {};
}

Result<void> ModelKeeper::unload(const std::string& name)
{
    const std::lock_guard lock{changing_};
    const auto at = slots_.find(name);
    if (at == slots_.end() || !at->second.wanted.load)
        return Error{ErrorKind::not_found, "unknown model: " + name};
    let_go(at->second, ModelState::unloaded);
    publish();
    spdlog::info("model {} is unloaded", name);
    return {};
}

void ModelKeeper::wake(const std::string& name)
{
    const std::lock_guard lock{changing_};
    const auto at = slots_.find(name);
    if (at == slots_.end()) return;
    const auto use = at->second.now->use;
    if (at->second.now->state == ModelState::idle && !load(at->second))
        use->wake_after = (clock_.now() + wake_pause).time_since_epoch().count();
    use->waking = false;
}

/// What takes the place of `present`: `next`, and of what that leaves out what is still on offer.
std::shared_ptr<const ServedModel> ModelKeeper::follow(const ServedModel* present, ServedModel next)
{
    if (present) {
        next.use = present->use;
        for (const auto* versions : {&present->versions, &present->leaving}) {
            for (const auto& [ver, version] : *versions) {
                const auto same = next.versions.find(ver);
                if (same != next.versions.end() && same->second == version) continue;
                if (same == next.versions.end() && present->model == next.model &&
                    is_offered(*version))
                    next.leaving.emplace(ver, version);
                else
                    draining_.push_back(version);
            }
        }
    }
    next.use->last_call = clock_.now().time_since_epoch().count();
    return std::make_shared<const ServedModel>(std::move(next));
}

void ModelKeeper::set_state(Slot& slot, ModelState state, std::string reason)
{
    ServedModel changed = slot.now ? *slot.now : ServedModel{slot.wanted.name, {}, {}};
    changed.state = state;
    changed.reason = std::move(reason);
    slot.now = std::make_shared<const ServedModel>(std::move(changed));
}

void ModelKeeper::let_go(Slot& slot, ModelState state)
{
    ServedModel next = *slot.now;
    next.versions.clear();
    next.leaving.clear();
    next.state = state;
    next.reason.clear();
    slot.now = follow(slot.now.get(), std::move(next));
}

bool ModelKeeper::is_offered(const ServedVersion& version) const
{
    const auto last = static_cast<std::uint64_t>(offers_last_.count()) * 1000;
    const auto offered = version.offered_ms.load();
    return offered != 0 && clock_.wall().value < offered + last;
}

bool ModelKeeper::is_idle(const Slot& slot) const
{
    if (slot.wanted.idle.count() == 0 || slot.now->state != ModelState::ready) return false;
    const Clock::Steady last{Clock::Steady::duration{slot.now->use->last_call.load()}};
    if (clock_.now() - last < slot.wanted.idle) return false;
    return std::none_of(slot.now->versions.begin(), slot.now->versions.end(), [&](const auto& one) {
        const auto stats = one.second->pool->stats();
        return stats.running != 0 || stats.waiting != 0 || is_offered(*one.second);
    });
}

void ModelKeeper::let_offers_end(Slot& slot)
{
    const auto over = [this](const auto& one) { return !is_offered(*one.second); };
    if (std::none_of(slot.now->leaving.begin(), slot.now->leaving.end(), over)) return;
    ServedModel next = *slot.now;
    std::erase_if(next.leaving, over);
    for (const auto& [ver, version] : slot.now->leaving)
        if (!next.leaving.contains(ver)) draining_.push_back(version);
    slot.now = std::make_shared<const ServedModel>(std::move(next));
}

void ModelKeeper::tick()
{
    std::vector<std::shared_ptr<const ServedVersion>> free;
    {
        const std::lock_guard lock{changing_};
        bool changed = false;
        for (auto at = slots_.begin(); at != slots_.end();) {
            auto& slot = at->second;
            const auto before = slot.now;
            let_offers_end(slot);
            if (is_idle(slot)) {
                spdlog::info("model {} is let go until it is called again", at->first);
                let_go(slot, ModelState::idle);
            }
            changed |= slot.now != before;
            const bool over = !slot.wanted.load && slot.now->leaving.empty();
            changed |= over;
            at = over ? slots_.erase(at) : std::next(at);
        }
        if (changed) publish();
        // Nobody can take hold of one that no catalog has: what only we hold stays ours alone.
        std::erase_if(draining_, [&](auto& version) {
            if (version.use_count() != 1) return false;
            free.push_back(std::move(version));
            return true;
        });
    }
}

std::size_t ModelKeeper::draining() const
{
    const std::lock_guard lock{changing_};
    return draining_.size();
}

void ModelKeeper::close()
{
    const std::lock_guard lock{changing_};
    catalog_.close();
    for (const auto& version : draining_) version->pool->close();
}

void ModelKeeper::publish()
{
    Catalog::Models all;
    for (const auto& [name, slot] : slots_) all.emplace(name, slot.now);
    catalog_.publish(std::move(all));
}

}  // namespace node
