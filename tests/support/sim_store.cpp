#include "tests/support/sim_store.hpp"

#include "ledger/base/ensure.hpp"

namespace ledger {

std::optional<Error> SimStore::fault()
{
    if (!fault_) return {};
    if (!fault_->is_here && fault_->after-- > 0) return {};
    fault_->is_here = true;
    return Error{fault_->kind, "injected fault: the store"};
}

Result<void> SimStore::apply(const Operation& operation)
{
    if (const auto* part = std::get_if<StorePart>(&operation)) return inner_->load(*part);
    if (const auto* base = std::get_if<StoreBase>(&operation)) return inner_->begin(*base);
    if (const auto* commit = std::get_if<BlockCommit>(&operation)) return inner_->append(*commit);
    if (const auto* mark = std::get_if<Mark>(&operation))
        return inner_->checkpoint(mark->changes, mark->applied_seq);
    const auto& meta = std::get<Meta>(operation);
    return inner_->put_meta(meta.name, meta.value);
}

Result<void> SimStore::keep(Operation operation, bool is_durable)
{
    operations_.push_back(std::move(operation));
    if (const auto done = apply(operations_.back()); !done) return done;
    if (is_durable) durable_ = operations_.size();
    return {};
}

void SimStore::lose(const std::function<bool()>& keep_next)
{
    auto kept = durable_;
    while (kept < operations_.size() && keep_next()) ++kept;
    operations_.resize(kept);
    inner_ = make_memory_store(options_);
    for (const auto& operation : operations_)
        ensure(apply(operation).has_value(), "what was stored once can be stored again");
    fault_.reset();
}

Result<void> SimStore::load(const StorePart& part)
{
    return keep(part, false);
}

Result<void> SimStore::begin(const StoreBase& base)
{
    return keep(base, true);
}

Result<void> SimStore::append(const BlockCommit& commit)
{
    if (const auto wrong = fault()) return *wrong;
    return keep(commit, false);
}

Result<void> SimStore::checkpoint(const TreeChanges& changes, std::uint64_t applied_seq)
{
    if (const auto wrong = fault()) return *wrong;
    return keep(Mark{changes, applied_seq}, true);
}

Result<void> SimStore::put_meta(std::string_view name, ByteView value)
{
    return keep(Meta{std::string{name}, Bytes(value.begin(), value.end())}, false);
}

}  // namespace ledger
