' The module ThisWorkbook of a workbook that carries its own functions.
Option Explicit

Private Sub Workbook_Open()
    Application.OnTime Now, "'" & Replace(ThisWorkbook.Name, "'", "''") & "'!CrmDescribeFunctions"
End Sub
