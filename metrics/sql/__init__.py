"""The statements that make facts and the wall, a file each; `statements` reads them. Imports no room."""
