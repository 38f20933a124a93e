#include "samples/open.hpp"

#include "samples/arrays.hpp"
#include "samples/listed_source.hpp"

namespace samples {
namespace {

using inference::ModelIo;
using inference::TensorSpec;
using ledger::Error;
using ledger::ErrorKind;
using ledger::invalid;
using ledger::Result;
using Sources = Result<std::unique_ptr<Source>>;

constexpr std::string_view default_labels = "labels.csv";

std::string_view last_part(std::string_view name)
{
    return name.substr(name.rfind('/') + 1);
}

class Opener {
public:
    Opener(std::shared_ptr<const Items> items, const OpenOptions& options, const ModelIo& io)
        : items_{std::move(items)}, options_{options}, io_{io}
    {
    }

    Sources open(FileKind kind)
    {
        if (kind == FileKind::npy && options_.input.empty() && io_.inputs.size() > 1)
            return named_arrays();
        const auto input = only_input();
        if (!input) return input.error();
        switch (kind) {
            case FileKind::table:
                return table(**input);
            case FileKind::npy:
            case FileKind::idx:
                return arrays(**input, kind);
            case FileKind::pictures:
                return listed(**input, {".png", ".jpg", ".jpeg"});
            case FileKind::recordings:
                return listed(**input, {".wav"});
            case FileKind::tell:
                break;
        }
        return invalid("the kind of files is not known");
    }

private:
    Result<const TensorSpec*> only_input() const
    {
        if (!options_.input.empty()) {
            if (const auto* spec = io_.input(options_.input)) return spec;
            return invalid("the model has no input named " + options_.input);
        }
        if (io_.inputs.size() != 1)
            return invalid("the model has " + std::to_string(io_.inputs.size()) +
                           " inputs: only npy files, NAME.npy for each, feed several");
        return &io_.inputs.front();
    }

    /// A file that the options name: one of the items, or, of a folder on the disk, one elsewhere.
    Result<ItemPlace> named_file(const std::string& name) const
    {
        if (const auto found = find_item(*items_, name)) return ItemPlace{items_, *found};
        if (options_.items || options_.labels_inside)
            return Error{ErrorKind::not_found, "there is no item " + name};
        auto elsewhere = items_of(name, options_.limits);
        if (!elsewhere) return elsewhere.error();
        if ((*elsewhere)->size() != 1) return invalid(name + " is no file");
        return ItemPlace{std::move(*elsewhere), 0};
    }

    /// The item of that name, in whatever folder, where there is only one.
    std::optional<ItemPlace> item_called(std::string_view name) const
    {
        std::optional<ItemPlace> found;
        for (std::size_t i = 0; i < items_->size(); ++i) {
            if (last_part(items_->name(i)) != name) continue;
            if (found) return {};
            found = ItemPlace{items_, i};
        }
        return found;
    }

    Sources table(const TensorSpec& input) const
    {
        if (!options_.labels.empty())
            return invalid("a CSV file has its targets in columns, not in a file of labels");
        std::optional<std::size_t> only;
        for (std::size_t i = 0; i < items_->size(); ++i) {
            if (items_->size() > 1 && !has_ending(items_->name(i), ".csv")) continue;
            if (only) return invalid("there are several CSV files: give one");
            only = i;
        }
        if (!only) return invalid("there is no CSV file");
        return open_table({items_, *only}, input, options_.table, options_.limits);
    }

    Sources listed(const TensorSpec& input, std::vector<std::string_view> endings) const
    {
        ListingOptions listing{std::move(endings), {}, options_.table};
        const bool pictures = listing.endings[0] != ".wav";
        if (!options_.labels.empty()) {
            auto labels = named_file(options_.labels);
            if (!labels) return labels.error();
            listing.labels = std::move(*labels);
        } else {
            listing.labels = item_called(default_labels);
        }
        // The only file may be called anything.
        if (items_->size() == 1) listing.endings = {""};
        auto made = list_items(*items_, listing, options_.limits);
        if (!made) return made.error();
        ListedFiles files{items_, std::move(*made), options_.limits};
        return pictures ? open_pictures(std::move(files), input, options_.table.normalise)
                        : open_recordings(std::move(files), input, options_.table.normalise,
                                          options_.rate);
    }

    bool is_labels_name(std::string_view name) const
    {
        return last_part(name).find("labels") != std::string_view::npos;
    }

    Sources arrays(const TensorSpec& input, FileKind kind) const
    {
        std::optional<std::size_t> data;
        for (std::size_t i = 0; i < items_->size(); ++i) {
            const auto& name = items_->name(i);
            const bool other =
                items_->size() > 1 &&
                (kind_by_name(name) != kind || is_labels_name(name) || name == options_.labels);
            if (other) continue;
            if (data)
                return invalid("there are several files of samples, " + items_->name(*data) +
                               " and " + name + ": give one");
            data = i;
        }
        if (!data) return invalid("there is no file of samples beside that of labels");
        const ItemPlace file{items_, *data};
        auto labels = labels_of(file, kind);
        if (!labels) return labels.error();
        auto array = hold_array(file, options_.limits);
        if (!array) return array.error();
        std::vector<HeldArray> all;
        all.push_back(std::move(*array));
        return with_labels({input}, std::move(all), *labels);
    }

    Sources named_arrays() const
    {
        std::vector<HeldArray> all;
        for (const auto& input : io_.inputs) {
            const auto place = item_called(input.name + ".npy");
            if (!place)
                return Error{ErrorKind::not_found,
                             "there is no " + input.name + ".npy for the input of that name"};
            auto array = hold_array(*place, options_.limits);
            if (!array) return array.error();
            all.push_back(std::move(*array));
        }
        auto labels = labels_of({items_, 0}, FileKind::npy);
        if (!labels) return labels.error();
        return with_labels(io_.inputs, std::move(all), *labels);
    }

    Sources with_labels(const std::vector<TensorSpec>& inputs, std::vector<HeldArray> all,
                        const std::optional<ItemPlace>& labels) const
    {
        std::optional<HeldArray> targets;
        if (labels && options_.table.target != TargetKind::none) {
            auto held = hold_array(*labels, options_.limits);
            if (!held) return held.error();
            targets = std::move(*held);
        }
        return open_arrays(
            inputs, std::move(all), targets,
            {options_.table.target, options_.table.classes, options_.table.normalise},
            options_.limits);
    }

    Result<std::optional<ItemPlace>> labels_of(const ItemPlace& data, FileKind kind) const
    {
        if (!options_.labels.empty()) {
            auto named = named_file(options_.labels);
            if (!named) return named.error();
            return std::optional{std::move(*named)};
        }
        const auto name = labels_beside(kind == FileKind::npy ? "x.npy" : last_part(data.name()));
        if (name.empty()) return std::optional<ItemPlace>{};
        if (auto found = item_called(name)) return found;
        // A single file was given: its neighbour.
        const auto beside = options_.path.parent_path() / name;
        std::error_code ignored;
        if (options_.items || items_->size() != 1 ||
            !std::filesystem::is_regular_file(beside, ignored))
            return std::optional<ItemPlace>{};
        auto items = items_of(beside, options_.limits);
        if (!items) return items.error();
        return std::optional{ItemPlace{std::move(*items), 0}};
    }

    std::shared_ptr<const Items> items_;
    const OpenOptions& options_;
    const ModelIo& io_;
};

}  // namespace

std::string labels_beside(std::string_view file)
{
    if (file.ends_with(".npy")) return "labels.npy";
    const auto images = file.find("images");
    if (images == std::string_view::npos) return {};
    std::string name{file};
    name.replace(images, 6, "labels");
    if (const auto sizes = name.find("idx3"); sizes != std::string::npos)
        name.replace(sizes, 4, "idx1");
    return name;
}

Sources open(const OpenOptions& options, const ModelIo& io)
{
    auto items = options.items;
    if (!items) {
        auto found = items_of(options.path, options.limits);
        if (!found) return found.error();
        items = std::move(*found);
    }
    const auto kind =
        options.kind == FileKind::tell ? kind_of(*items) : Result<FileKind>{options.kind};
    if (!kind) return kind.error();
    auto source = Opener{items, options, io}.open(*kind);
    if (source && (*source)->size() == 0) return invalid("there are no samples");
    return source;
}

}  // namespace samples
