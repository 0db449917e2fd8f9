//! What users and auditors see: the program run from outside, on real files.

mod accepted;
mod cases;
mod compare;
mod corrections;
mod disk;
mod landing;
mod leaks;
mod money;
mod refusals;
mod register;
mod released;
mod robust;
mod scenario;
mod series;
mod together;
mod tutorial;
mod unchanged;
mod upkeep;
mod world;
mod years;
